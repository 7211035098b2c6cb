import type { OnChainQuestion } from "@voltfog/evm/node";
import { decodeBundle, encodeEntry, type VerifiedBundle } from "@voltfog/ledger";
import { assert, toHex } from "@voltfog/runtime";
import type { CommandContext } from "../command-context.ts";
import { readInputFile } from "../input-file.ts";
import { judgeBundle } from "../verification/judge-bundle.ts";
import { contractIn, readDeployment } from "./deployment-file.ts";

export interface VerifyFlags {
  readonly rpc: string;
  readonly deployment: string;
  readonly genesis: string;
  readonly validatorUrl: string;
  readonly json?: boolean;
}

/** Verifies a bundle offline, then lets the contract say that its records are below an anchor. */
export async function anchorVerify(
  file: string,
  flags: VerifyFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const bytes = readInputFile(file);
  const verdict = judgeBundle({
    bytes,
    genesisBytes: readInputFile(flags.genesis),
    genesisName: flags.genesis,
  });
  if (!verdict.ok) return refuse(verdict.problem, flags, terminal);
  const evm = await import("@voltfog/evm/node");
  const deployment = readDeployment(flags.deployment);
  const endpoint = new evm.EvmEndpoint({ url: flags.rpc });
  const contract = new evm.AnchorContract({
    endpoint,
    address: contractIn(deployment, "CheckpointAnchor"),
  });
  const verifier = contractIn(deployment, "RecordVerifier");
  const { validatorUrl } = flags;
  const questions: OnChainQuestion[] = [];
  for (const ask of questionsOf(verdict.value, bytes)) {
    const result = await evm.underNewestAnchor({ contract, validatorUrl, index: ask.index });
    if (!result.ok) return refuse(result.problem, flags, terminal);
    questions.push(ask.with(result.value));
  }
  for (const question of questions) {
    const answer = await evm.askVerifier({ endpoint, verifier, question });
    if (!answer.ok) return refuse(answer.problem, flags, terminal);
  }
  const height = questions[0]?.result.anchor.height;
  const methods = questions.map(({ method }) => method);
  if (flags.json === true) {
    terminal.print(JSON.stringify({ ok: true, verifier, height, methods }, null, 2));
  } else {
    terminal.print(
      `verified by ${verifier} below the anchor of height ${height}: ${methods.join(", ")}`,
    );
  }
  return 0;
}

interface Asked {
  readonly index: number;
  with(result: OnChainQuestion["result"]): OnChainQuestion;
}

/** The frame by its log's checkpoint, and the event by its own result. */
function questionsOf(bundle: VerifiedBundle, bytes: Uint8Array): readonly Asked[] {
  const decoded = decodeBundle(bytes);
  assert(decoded.ok, "a verified bundle decodes");
  const { logPath, event: part } = decoded.value;
  const entry = {
    entry: `0x${toHex(encodeEntry(bundle.entry))}`,
    index: bundle.log.index,
    path: logPath.map((hash) => `0x${toHex(hash)}`),
  };
  const frame: Asked = {
    index: bundle.checkpoint.resultIndex,
    with: (result) =>
      bundle.entry.kind === "frame"
        ? { method: "verifyFrame", result, entry, frame: bundle.frame.bytes }
        : { method: "verifyEntry", result, entry },
  };
  const { event } = bundle;
  if (event === undefined || part === undefined) return [frame];
  const { salt, detail } = part;
  const recorded: Asked = {
    index: event.resultIndex,
    with: (result) =>
      event.class === "maintenance-notice"
        ? { method: "verifyNotice", result, salt, detail }
        : { method: "verifyEvent", result },
  };
  return [frame, recorded];
}

function refuse(
  problem: { readonly code: string; readonly detail: string },
  flags: VerifyFlags,
  terminal: CommandContext["terminal"],
): number {
  const { code, detail } = problem;
  if (flags.json === true) terminal.print(JSON.stringify({ ok: false, code, detail }, null, 2));
  else terminal.print(`not verified: ${code}: ${detail}`);
  return 1;
}
