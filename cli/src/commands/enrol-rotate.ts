import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRotation, signRotation } from "@voltfog/ledger";
import { type Clock, toHex } from "@voltfog/runtime";
import {
  createSigningKey,
  loadSigningKey,
  replaceFileSync,
  systemClock,
} from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";
import { askRegistrar } from "../site/ask-registrar.ts";
import type { Recorded } from "../site/device-transaction.ts";
import { rotateVehicle } from "../site/rotate-vehicle.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readGenesis } from "../site/site-record.ts";

interface RotateFlags {
  readonly data?: string;
  readonly url?: string;
  readonly authority?: string;
  readonly genesis?: string;
  readonly keys?: string;
  readonly certificates?: string;
  readonly json?: boolean;
}

interface Certified {
  readonly certificate: string;
  /** What the chain said, where the site's folder is here. */
  readonly recorded?: Promise<Recorded>;
}

/** Where one vehicle's agent has its keys, and who certifies the new one. */
interface RotationPlan {
  readonly vehicle: string;
  readonly keys: string;
  readonly certificates: string;
  readonly genesis: string;
  /** Gives the certificate; a refusal is a complaint. */
  readonly certify: (rotation: Uint8Array) => Promise<Certified>;
}

/** An agent looks twice a second, and may have a slow disk. */
const agent_ms = 30_000;
const look_ms = 100;

/** `voltfog enrol rotate`: a vehicle changes its key, by a message that both keys sign. */
export function rotateCommand({ terminal }: CommandContext): Command {
  return new Command("rotate")
    .summary("On the vehicle: change its key while its agent runs")
    .description(
      "Makes a new key beside the old one. The vehicle's agent signs with it from the next frame on and holds its frames back until the site has certified it. Run it again if it was interrupted: it goes on where it stood.",
    )
    .argument("<vehicle>", "id of the vehicle")
    .option("--data <dir>", "folder of the site, where the vehicle's keys lie in it")
    .option("--url <url>", "where voltfog enrol serve listens, instead of --data")
    .option("--authority <file>", "with --url: ca.crt of the site")
    .option("--genesis <file>", "with --url: genesis.json of the site")
    .option("--keys <dir>", "with --url: the agent's folder of keys")
    .option("--certificates <dir>", "with --url: the agent's folder of certificates")
    .option("--json", "print {vehicle, key, telemetry, urgent, transaction} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog enrol rotate vehicle-03 --data .voltfog\n  voltfog enrol rotate vehicle-99 --url https://localhost:8099 --authority ca.crt --genesis genesis.json --keys keys --certificates certificates",
    )
    .action(async (vehicle: string, flags: RotateFlags) => {
      const rotated = await rotateKey(planOf(vehicle, flags), systemClock);
      const { key, telemetry, urgent } = rotated;
      terminal.print(
        flags.json
          ? JSON.stringify(rotated, null, 2)
          : `${vehicle} signs with key ${key.slice(0, 16)}… after frame ${telemetry} of telemetry and ${urgent} of alarms`,
      );
    });
}

function planOf(vehicle: string, flags: RotateFlags): RotationPlan {
  if (flags.data !== undefined) return planOnSite(vehicle, flags.data);
  const { url, authority, genesis, keys, certificates } = flags;
  const given = [url, authority, genesis, keys, certificates];
  if (given.some((one) => one === undefined)) {
    throw complaint({
      code: "FLAGS_MISSING",
      what: "neither --data nor all of --url, --authority, --genesis, --keys, --certificates",
      remedy: "see voltfog enrol rotate --help",
    });
  }
  const otherwise = { code: "ROTATION_REFUSED", remedy: "see docs/operations/identity.md" };
  const [to = "", ca = "", chain = "", from = "", certified = ""] = given;
  return {
    vehicle,
    keys: from,
    certificates: certified,
    genesis: chain,
    async certify(rotation) {
      const asked = { url: to, authority: readFileSync(ca, "utf8") };
      const body = { rotation: toHex(rotation) };
      const told = await askRegistrar("/v1/rotations", { ...asked, body }, otherwise);
      return { certificate: told["certificate"] ?? "" };
    },
  };
}

function planOnSite(vehicle: string, data: string): RotationPlan {
  const paths = sitePaths(data);
  const { keys, certificates, genesis } = paths;
  return {
    vehicle,
    keys,
    certificates,
    genesis,
    async certify(rotation) {
      const outcome = await rotateVehicle(paths, { rotation, clock: systemClock });
      if (outcome.ok) return outcome.value;
      const { code, detail } = outcome.problem;
      throw complaint({ code, what: detail, remedy: "see docs/operations/identity.md" });
    },
  };
}

interface Rotated {
  readonly vehicle: string;
  readonly key: string;
  readonly telemetry: number;
  readonly urgent: number;
  readonly transaction?: string | undefined;
  readonly unrecorded?: string | undefined;
}

/** The steps of edge-agent/src/identity/device-keys.ts that are not the agent's. */
async function rotateKey(plan: RotationPlan, clock: Clock): Promise<Rotated> {
  const { vehicle, keys, certificates } = plan;
  const at = (name: string): string => join(keys, `${vehicle}.${name}`);
  const oldKey = loadSigningKey(at("key"));
  const { chainId } = readGenesis(plan.genesis);
  if (!existsSync(at("next.key"))) createSigningKey(at("next.key"));
  const newKey = loadSigningKey(at("next.key"));
  await waitFor(clock, () => existsSync(at("change.json")));
  const last = lastFramesIn(at("change.json"));
  const rotation = encodeRotation(signRotation({ chainId, from: oldKey, to: newKey, last }));
  const { certificate, recorded } = await plan.certify(rotation);
  replaceFileSync(join(certificates, `${vehicle}.next.crt`), certificate);
  await waitFor(clock, () => !existsSync(at("change.json")));
  return { vehicle, key: toHex(newKey.publicKey), ...last, ...(await recorded) };
}

function lastFramesIn(path: string): { telemetry: number; urgent: number } {
  const { telemetry, urgent } = readJsonObject(path);
  if (Number.isSafeInteger(telemetry) && Number.isSafeInteger(urgent)) {
    return { telemetry: Number(telemetry), urgent: Number(urgent) };
  }
  throw complaint({
    code: "CHANGE_DAMAGED",
    what: `${path} does not say the last frames of the old key`,
    remedy: "report it; the vehicle's journal has them",
  });
}

async function waitFor(clock: Clock, isThere: () => boolean): Promise<void> {
  const until_ms = clock.monotonic_ms() + agent_ms;
  while (!isThere()) {
    if (clock.monotonic_ms() > until_ms) {
      throw complaint({
        code: "AGENT_SILENT",
        what: `the vehicle's agent did not go on within ${agent_ms / 1000} s`,
        remedy: "start it, then run this again: it goes on where it stood",
      });
    }
    await new Promise<void>((resolve) => clock.after(look_ms, resolve));
  }
}
