import { existsSync, writeFileSync } from "node:fs";
import type { LogStream } from "@voltfog/ledger";
import { messageOf } from "@voltfog/runtime";
import { Command, Option } from "commander";
import { addTokenFlag, cloudToken, tokenRemedy } from "../cloud-token.ts";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { readInputFile } from "../input-file.ts";
import { writingFile } from "../output-file.ts";
import { sitePaths } from "../site/site-folder.ts";
import { bundleFromDisk, openSiteRecord } from "../site/site-record.ts";
import { readUpFile, type UpFile } from "../supervisor/up-file.ts";
import { askBackbone } from "../up/ask-backbone.ts";
import { getBytes } from "../up/http-json.ts";
import { bundleFacts, bundleText } from "../verification/bundle-facts.ts";
import { judgeBundle } from "../verification/judge-bundle.ts";
import { requireSample } from "./verify.ts";

interface ProofFlags {
  readonly vehicle: string;
  readonly frame: string;
  readonly stream: LogStream;
  readonly sample?: string;
  readonly out: string;
  readonly data?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

interface FrameName {
  readonly vehicleId: string;
  readonly stream: LogStream;
  readonly sequence: number;
}

/** Why there is no bundle yet or at all. */
interface NoBundle {
  readonly code: string;
  readonly detail: string;
}

const defaultRoot = ".voltfog";
/** What the cloud's guard refuses with. */
const accessCodes: readonly string[] = [
  ...["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"],
  ...["ROLE_REFUSED", "LOGIN_WITHOUT_ROLE"],
];

/** `voltfog proof`: takes one frame out of a site as a file that verifies offline. */
export function proofCommand(context: CommandContext): Command {
  const command = new Command("proof")
    .description(
      "Asks the running system, or with --data reads the folder of a running or stopped one, and writes the bundle after verifying it. Exit code 1 while the frame is not final yet.",
    )
    .requiredOption("--vehicle <id>", "the vehicle, such as vehicle-01")
    .requiredOption("--frame <n>", "sequence number of the frame, from 1")
    .addOption(
      new Option("--stream <stream>", "the frame's stream")
        .choices(["telemetry", "urgent"])
        .default("telemetry"),
    )
    .option("--sample <i>", "also print this sample of the frame, counted from 0")
    .requiredOption("--out <file>", "where to write the bundle")
    .option("--data <dir>", `read this folder from the disk [ask what runs on ${defaultRoot}]`)
    .option("--json", "print the facts as JSON");
  return addTokenFlag(command)
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog proof --vehicle vehicle-01 --frame 3 --out frame.vfb\n  voltfog proof --data .voltfog --vehicle vehicle-02 --frame 1 --stream urgent --out alarm.vfb",
    )
    .action(async (flags: ProofFlags) => {
      context.exitCode = await proof(flags, context);
    });
}

async function proof(flags: ProofFlags, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const frame: FrameName = {
    vehicleId: flags.vehicle,
    stream: flags.stream,
    sequence: parseWhole({
      flag: "--frame",
      text: flags.frame,
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
    }),
  };
  const root = flags.data ?? defaultRoot;
  const paths = sitePaths(root);
  if (!existsSync(paths.genesis)) {
    throw complaint({
      code: "SITE_MISSING",
      what: `${root} holds no Voltfog site`,
      remedy: "start one with voltfog up, or name its folder with --data",
    });
  }
  const up = flags.data === undefined ? readUpFile(root) : undefined;
  const token = cloudToken(flags.tokenFile, context.environment);
  const found = await (up === undefined ? fromDisk(root, frame) : fromSystem(up, frame, token));
  if (!(found instanceof Uint8Array)) return explain(found, flags, context);
  const genesisBytes = readInputFile(paths.genesis);
  const verdict = judgeBundle({ bytes: found, genesisBytes, genesisName: paths.genesis });
  if (!verdict.ok) return explain(verdict.problem, flags, context);
  const index =
    flags.sample === undefined
      ? undefined
      : parseWhole({ flag: "--sample", text: flags.sample, min: 0, max: 63 });
  const sample = index === undefined ? undefined : requireSample(verdict.value.frame.bytes, index);
  writeOut(flags.out, found);
  if (flags.json) {
    const facts = { ...bundleFacts(verdict.value), file: flags.out, size_bytes: found.length };
    terminal.print(JSON.stringify(sample === undefined ? facts : { ...facts, sample }, null, 2));
  } else {
    terminal.print(bundleText(verdict.value));
    if (sample !== undefined) terminal.print(`sample ${index}: ${JSON.stringify(sample)}`);
    terminal.print(`wrote ${flags.out}, ${found.length} bytes`);
  }
  return 0;
}

/** What will come true later is exit code 1; what never will is bad input. */
function explain(none: NoBundle, flags: ProofFlags, context: CommandContext): number {
  const { code, detail } = none;
  if (code === "UNKNOWN_FRAME" || code === "UNKNOWN_VEHICLE" || code === "DEVICE_UNKNOWN") {
    throw complaint({ code, what: detail, remedy: "voltfog status lists the vehicles" });
  }
  // The cloud may have what no unit has any more.
  if (accessCodes.includes(code))
    throw complaint({ code, what: detail, remedy: tokenRemedy(code) });
  const hint = code === "NOT_FINAL" ? "; ask again in a few seconds" : "";
  if (flags.json) context.terminal.print(JSON.stringify({ ok: false, code, detail }, null, 2));
  else context.terminal.print(`no proof: ${code}: ${detail}${hint}`);
  return 1;
}

async function fromDisk(root: string, frame: FrameName): Promise<Uint8Array | NoBundle> {
  const record = await openSiteRecord(sitePaths(root));
  const bundle = await bundleFromDisk(record, frame);
  return bundle.ok ? bundle.value : bundle.problem;
}

/** The cloud has all frames; while it is away each unit answers an operator for its own log. */
async function fromSystem(
  up: UpFile,
  frame: FrameName,
  token: string | undefined,
): Promise<Uint8Array | NoBundle> {
  const { vehicleId, stream, sequence } = frame;
  const at = (role: string): UpFile["processes"] =>
    up.processes.filter((process) => process.role === role);
  const asks = [
    ...at("cloud").map(({ ports }) => () => {
      const path = `/v1/vehicles/${vehicleId}/frames/${sequence}/bundle?stream=${stream}`;
      return getBytes(`http://127.0.0.1:${ports.http}${path}`, token);
    }),
    ...at("rsu").map(({ id, ports }) => () => {
      const path = `/v1/proofs/frame?vehicle=${vehicleId}&stream=${stream}&sequence=${sequence}`;
      const paths = sitePaths(defaultRoot);
      return askBackbone({ paths, peerId: id, port: ports.backbone ?? 0, path });
    }),
  ];
  let none: NoBundle = {
    code: "UNKNOWN_FRAME",
    detail: `nobody has frame ${sequence} of ${vehicleId}`,
  };
  for (const ask of asks) {
    const answer = await bundleOf(ask);
    if (answer instanceof Uint8Array) return answer;
    // That a frame is known but not final says more than that another log does not know it.
    if (answer.code !== "UNKNOWN_FRAME") none = answer;
  }
  return none;
}

async function bundleOf(
  ask: () => Promise<{ status: number; body: Uint8Array }>,
): Promise<Uint8Array | NoBundle> {
  try {
    const { status, body } = await ask();
    if (status === 200) return body;
    const refusal = JSON.parse(new TextDecoder().decode(body)) as {
      code?: unknown;
      message?: unknown;
    };
    return { code: String(refusal.code), detail: String(refusal.message ?? `answered ${status}`) };
  } catch (thrown) {
    return { code: "NO_ANSWER", detail: messageOf(thrown) };
  }
}

function writeOut(path: string, bytes: Uint8Array): void {
  writingFile({ path, remedy: "choose another file with --out" }, () => writeFileSync(path, bytes));
}
