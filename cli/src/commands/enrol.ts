import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFileSync, systemClock, systemRandom } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { parseDuration_ms, parseIdentifier, parseWhole } from "../flag-values.ts";
import { askRegistrar } from "../site/ask-registrar.ts";
import type { Recorded } from "../site/device-transaction.ts";
import { createEnrolmentToken } from "../site/enrol-vehicle.ts";
import { openRegistrar } from "../site/registrar.ts";
import { sitePaths } from "../site/site-folder.ts";
import { rotateCommand } from "./enrol-rotate.ts";

/** `voltfog enrol`: how a new vehicle becomes one of the site's. */
export function enrolCommand(context: CommandContext): Command {
  return new Command("enrol")
    .description(
      "Enrol a vehicle with a one-time token: the operator makes a token and serves enrolments, the vehicle makes its own key and asks. Later it changes its key by the word of both.",
    )
    .addCommand(tokenCommand(context))
    .addCommand(serveCommand(context))
    .addCommand(requestCommand(context))
    .addCommand(rotateCommand(context));
}

interface TokenFlags {
  readonly vehicle: string;
  readonly fleet?: string;
  readonly valid: string;
  readonly data: string;
  readonly json?: boolean;
}

function tokenCommand(context: CommandContext): Command {
  return new Command("token")
    .summary("Make a token that enrols one vehicle, once")
    .requiredOption("--vehicle <id>", "id that the vehicle gets")
    .option("--fleet <id>", "fleet that it belongs to; a token of another fleet sees nothing of it")
    .option("--valid <duration>", "how long it may be used", "24h")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {vehicle, fleet?, token, expires_ms} as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  voltfog enrol token --vehicle vehicle-99 --fleet north --valid 1h",
    )
    .action(async (flags: TokenFlags) => {
      const vehicle = parseIdentifier({ code: "VEHICLE_INVALID", text: flags.vehicle });
      const fleet =
        flags.fleet === undefined
          ? {}
          : { fleet: parseIdentifier({ code: "FLEET_INVALID", text: flags.fleet }) };
      const expires_ms =
        systemClock.wall_ms() + parseDuration_ms({ flag: "--valid", text: flags.valid });
      const paths = sitePaths(flags.data);
      const told = { vehicle, ...fleet, expires_ms, clock: systemClock, random: systemRandom };
      const token = await createEnrolmentToken(paths, told);
      context.terminal.print(
        flags.json
          ? JSON.stringify({ vehicle, ...fleet, token, expires_ms }, null, 2)
          : `${token}\nfor ${vehicle}, until ${new Date(expires_ms).toISOString()}; it is not shown again`,
      );
    });
}

function serveCommand({ terminal }: CommandContext): Command {
  return new Command("serve")
    .summary("Enrol vehicles that show a token, and change their keys, until Ctrl-C")
    .description(
      "Serves POST /v1/enrolments and /v1/rotations over HTTPS. It uses the key of the site's authority: run it only while vehicles are being enrolled or change their keys.",
    )
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <n>", "port; 0 takes any free one", "0")
    .addHelpText("after", "\nExample:\n  voltfog enrol serve --port 8099")
    .action(async (flags: { data: string; host: string; port: string }) => {
      const onChain =
        (vehicle: string) =>
        ({ transaction, unrecorded }: Recorded): void =>
          terminal.print(
            transaction === undefined
              ? `${vehicle} is not on the chain: ${unrecorded}`
              : `${vehicle} is on the chain by transaction ${transaction}`,
          );
      const registrar = await openRegistrar({
        paths: sitePaths(flags.data),
        host: flags.host,
        port: parseWhole({ flag: "--port", text: flags.port, min: 0, max: 65_535 }),
        clock: systemClock,
        random: systemRandom,
        enrolled: ({ vehicle, recorded }) => {
          terminal.print(`enrolled ${vehicle}`);
          void recorded.then(onChain(vehicle));
        },
        rotated: ({ vehicle, recorded }) => {
          terminal.print(`${vehicle} has a new key`);
          void recorded.then(onChain(vehicle));
        },
        refused: (code) => terminal.print(`refused: ${code}`),
      });
      terminal.print(`enrolling at https://${flags.host}:${registrar.port}; Ctrl-C ends it`);
      await new Promise<void>((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
      });
      await registrar.close();
    });
}

interface RequestFlags {
  readonly url: string;
  readonly authority: string;
  readonly token: string;
  readonly out: string;
}

function requestCommand({ terminal }: CommandContext): Command {
  return new Command("request")
    .summary("On the vehicle: make a key, show the token, get a certificate")
    .requiredOption("--url <url>", "where voltfog enrol serve listens")
    .requiredOption("--authority <file>", "ca.crt of the site, brought on another way")
    .requiredOption("--token <token>", "the one-time token")
    .requiredOption("--out <dir>", "folder for key, certificate, ca.crt and genesis.json")
    .addHelpText(
      "after",
      "\nThe private key is made here and never leaves.\n\nExample:\n  voltfog enrol request --url https://localhost:8099 --authority ca.crt --token vfe_… --out vehicle",
    )
    .action(async (flags: RequestFlags) => {
      const vehicle = await requestEnrolment(flags);
      terminal.print(`${vehicle} is enrolled; its key and certificate are in ${flags.out}`);
    });
}

/** Asks and keeps the answer; gives the vehicle's id. ENROLMENT_REFUSED with the registrar's code. */
async function requestEnrolment(flags: RequestFlags): Promise<string> {
  const { requestFor } = await import("@voltfog/runtime/certificates");
  const keyPath = join(flags.out, "device.key");
  mkdirSync(flags.out, { recursive: true });
  if (!existsSync(keyPath)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    replaceFileSync(keyPath, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  }
  const csr = await requestFor(readFileSync(keyPath, "utf8"));
  const authority = readFileSync(flags.authority, "utf8");
  const asked = { url: flags.url, authority, body: { token: flags.token, csr } };
  const told = await askRegistrar("/v1/enrolments", asked, {
    code: "ENROLMENT_REFUSED",
    remedy: "ask the operator for a new token",
  });
  replaceFileSync(join(flags.out, "device.crt"), told["certificate"] ?? "");
  replaceFileSync(join(flags.out, "ca.crt"), told["authority"] ?? "");
  replaceFileSync(join(flags.out, "genesis.json"), Buffer.from(told["genesis"] ?? "", "base64"));
  return told["vehicleId"] ?? "";
}
