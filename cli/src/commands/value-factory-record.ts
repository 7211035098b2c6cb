import { writeFileSync } from "node:fs";
import { toHex } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseNumber } from "../flag-values.ts";
import { sealFactoryRecord } from "../value/factory-record.ts";

interface RecordFlags {
  readonly of: string;
  readonly by: string;
  readonly exit: string;
  readonly nominal: string;
  readonly chargedAh: string;
  readonly dischargedAh: string;
  readonly chargedKwh: string;
  readonly dischargedKwh: string;
  readonly key: string;
  readonly out: string;
}

/** `voltfog value factory-record`; no flag has a name that voltfog value has, which would take it. The manufacturer signs what a pack went through until it left. */
export function factoryRecordCommand({ terminal }: Pick<CommandContext, "terminal">): Command {
  return new Command("factory-record")
    .summary("As a manufacturer, sign what a pack went through until it left the factory")
    .description(
      "Writes the record that voltfog value --factory reads, signed with an Ed25519 key in PKCS #8 PEM, and prints the public key that readers have to be told.",
    )
    .requiredOption("--of <id>", "the pack's name, as its vehicle is enrolled")
    .requiredOption("--by <name>", "who vouches for it")
    .requiredOption("--exit <time>", "when it left, such as 2026-03-01")
    .requiredOption("--nominal <kWh>", "nominal energy")
    .requiredOption("--charged-ah <Ah>", "charge that went in")
    .requiredOption("--discharged-ah <Ah>", "charge that came out")
    .requiredOption("--charged-kwh <kWh>", "energy that went in")
    .requiredOption("--discharged-kwh <kWh>", "energy that came out")
    .requiredOption("--key <file>", "the manufacturer's private key")
    .requiredOption("--out <file>", "file of the record")
    .addHelpText(
      "after",
      "\nExample:\n  voltfog value factory-record --of vehicle-01 --by Example --exit 2026-03-01 --nominal 55 --charged-ah 310 --discharged-ah 290 --charged-kwh 112 --discharged-kwh 104 --key maker.key --out record.json",
    )
    .action((flags: RecordFlags) => {
      const signer = loadSigningKey(flags.key);
      const amount = (flag: string, text: string): number =>
        parseNumber({ flag, text, min: 0, max: 1e9 });
      const text = sealFactoryRecord(
        {
          ...{ pack: named("--of", flags.of) },
          manufacturer: named("--by", flags.by),
          exit_ms: timeOf(flags.exit),
          nominal_Wh: 1000 * parseNumber({ flag: "--nominal", text: flags.nominal, min: 0.001, max: 1e6 }), // biome-ignore format: one line
          charged_Ah: amount("--charged-ah", flags.chargedAh),
          discharged_Ah: amount("--discharged-ah", flags.dischargedAh),
          charged_Wh: 1000 * parseNumber({ flag: "--charged-kwh", text: flags.chargedKwh, min: 0, max: 1e6 }), // biome-ignore format: one line
          discharged_Wh: 1000 * parseNumber({ flag: "--discharged-kwh", text: flags.dischargedKwh, min: 0, max: 1e6 }), // biome-ignore format: one line
        },
        signer,
      );
      writeFileSync(flags.out, text);
      terminal.print(`${flags.out} is signed; readers name the key ${toHex(signer.publicKey)}`);
    });
}

function named(flag: string, text: string): string {
  if (text.length > 0 && text.length <= 64) return text;
  throw complaint({
    code: "NAME_INVALID",
    what: `${flag} has ${text.length} characters`,
    remedy: "give 1 to 64",
  });
}

function timeOf(text: string): number {
  const time_ms = Date.parse(text);
  if (time_ms >= 0) return time_ms;
  throw complaint({
    code: "TIME_INVALID",
    what: `--exit is ${JSON.stringify(text)}`,
    remedy: "give a date since 1970, such as 2026-03-01",
  });
}
