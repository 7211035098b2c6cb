import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { engineFlagText } from "../site/engine-flag.ts";
import { runUp } from "../up/run-up.ts";
import { readUpFlags, type UpFlags } from "../up/up-options.ts";

/** `voltfog up`: the whole system on this machine, on replayed data. */
export function upCommand(context: CommandContext): Command {
  return new Command("up")
    .description(
      "Runs units, validators, a controller, the cloud and a fleet as separate processes over real sockets, starts again what dies, and stops all with one Ctrl-C. The folder is made on first use and used again later.",
    )
    .option("--data <dir>", "folder of keys, logs, blocks and the store", ".voltfog")
    .option("--port <n>", "first port of the site; 0 takes free ones", "8080")
    .option("--vehicles <n>", "vehicles of a new site [12]")
    .option("--units <n>", "roadside units of a new site, each with a validator [4]")
    .option("--preset <name>", "pilot: seven units and validators of three organisations (4, 1, 2)")
    .option("--engine <name>", `what decides the blocks of a new site: ${engineFlagText} [poa]`)
    .option("--rate <hz>", "samples per second and vehicle, 1 to 10", "1")
    .option("--frame-age <duration>", "a frame is sent when its first sample is this old", "3s")
    .option("--seed <n>", "seed of cell spread, sensor noise and start offsets", "1")
    .option("--datasets <dir>", "folder of the datasets (or VOLTFOG_DATASETS) [the shipped ones]")
    .option("--fleet <kind>", "history: two years of 200 simulated vehicles beside the site's own")
    .option("--outbox-max <n>", "samples that a vehicle keeps while no unit takes them")
    .option("--nats <url>", "tls://host:port of a NATS server that carries logs to the cloud")
    .option("--influx <url>", "InfluxDB that keeps the samples of a new site")
    .option(
      "--market <mode>",
      "none, open, or simulated: with simulated people [simulated; none with --sign-in]",
    )
    .option("--sign-in", "nobody reads the pages without a token")
    .addOption(
      new Option("--log-level <level>", "least severe lines that the processes write")
        .choices(["error", "warn", "info", "debug"])
        .default("info"),
    )
    .option("--for <duration>", "stop by itself after this long, such as 60s")
    .option("--report <file>", "with --for: drain, count from the disk and write a report")
    .option("--open", "open the page in the browser")
    .addHelpText(
      "after",
      "\nPorts above --port P: cloud P, controller P+1 (HTTP) and P+3 (backbone), edge P+2, units P+11… (HTTP), P+21… (MQTT), P+71… (MQTT of alarms) and P+51… (backbone), validators P+31… (links), P+41… (HTTP) and P+61… (backbone). MQTT, links and backbone take certificates of the site alone.\n\nExamples:\n  voltfog up\n  voltfog up --data /tmp/site --port 0 --vehicles 4 --units 4\n  voltfog up --preset pilot --data .pilot\n  voltfog up --fleet history\n  voltfog up --sign-in\n  voltfog up --for 60s --report report.json",
    )
    .action(async (flags: UpFlags) => {
      context.exitCode = await runUp(readUpFlags(flags), context);
    });
}
