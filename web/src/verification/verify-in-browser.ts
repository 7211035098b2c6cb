import { portableCrypto, type VerifiedBundle, verifyBundle } from "@voltfog/ledger";
import { frameReader } from "@voltfog/messages";

/** What the browser found out by itself about one proof bundle. */
export interface Verdict {
  readonly verified: boolean;
  readonly reason: string;
  /** Name and value of each fact that the proof shows. */
  readonly facts: readonly (readonly [string, string])[];
}

/** Verifies a bundle with nothing but the genesis file. */
export function verifyInBrowser(options: { bundle: Uint8Array; genesis: Uint8Array }): Verdict {
  const verdict = verifyBundle({
    bytes: options.bundle,
    genesisBytes: options.genesis,
    crypto: portableCrypto,
    frames: frameReader,
  });
  if (verdict.ok) {
    return { verified: true, reason: sentence(verdict.value), facts: facts(verdict.value) };
  }
  const { code, detail } = verdict.problem;
  return { verified: false, reason: `${code}: ${detail}`, facts: [] };
}

function sentence(bundle: VerifiedBundle): string {
  const { vehicle, frame, validators, block } = bundle;
  const what = bundle.event === undefined ? "frame" : "event on frame";
  const signers = `${validators.signed.length} of ${validators.of} validators`;
  return `${what} ${frame.sequence} (${frame.stream}) of ${vehicle.id}, final in block ${block.height}, signed by ${signers}`;
}

function facts(bundle: VerifiedBundle): Verdict["facts"] {
  const { frame, log, block, validators, event } = bundle;
  const signers = validators.signed.map(({ id }) => id).join(", ");
  const common: Verdict["facts"] = [
    ["chain", `${bundle.chain.name}, ${hex(bundle.chain.chainId)}`],
    [
      "vehicle",
      `${bundle.vehicle.id} of ${bundle.vehicle.organisation}, key ${hex(bundle.vehicle.key)}`,
    ],
    ["frame", hex(frame.commitment)],
    ["samples", String(frame.samples ?? "of a version not known here")],
    ["vehicle's clock", new Date(frame.wall_ms).toISOString()],
    ["accepted by", `${bundle.unit.id} of ${bundle.unit.organisation} as ${bundle.entry.kind}`],
    ["log entry", `${log.index} of ${log.size}, root ${hex(log.root)}`],
    ["checkpoint", `final in block ${bundle.checkpoint.height}`],
    ["block", `${block.height}, ${new Date(block.time_ms).toISOString()}, ${hex(block.hash)}`],
    ["signed by", `${signers}; ${validators.needed} of ${validators.of} are needed`],
  ];
  if (event === undefined) return common;
  const words = [event.class, event.state, `level ${event.level}`].join(", ");
  return [["event", `${words}, final in block ${event.height}`], ...common];
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
