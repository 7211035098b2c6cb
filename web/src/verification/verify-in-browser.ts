import { portableCrypto, type VerifiedBundle, verifyBundle } from "@voltfog/ledger";
import { frameReader } from "@voltfog/messages";
import { bundleDetails, bundlePlan, bundleRestsOn } from "./bundle-steps.ts";
import { hex } from "./hex.ts";
import { type ProofStep, passedSteps, stepsUpTo } from "./proof-steps.ts";

/** What the browser found out by itself about one proof bundle. */
export interface Verdict {
  readonly verified: boolean;
  readonly reason: string;
  /** Name and value of each fact that the proof shows. */
  readonly facts: readonly (readonly [string, string])[];
  /** In the order in which they were gone through. */
  readonly steps: readonly ProofStep[];
  /** What a good verdict rests on, in words. */
  readonly restsOn: readonly string[];
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
    const bundle = verdict.value;
    return {
      verified: true,
      reason: sentence(bundle),
      facts: facts(bundle),
      steps: passedSteps(bundlePlan(bundle.event !== undefined), bundleDetails(bundle)),
      restsOn: bundleRestsOn(bundle),
    };
  }
  const { code, detail } = verdict.problem;
  return {
    verified: false,
    reason: `${code}: ${detail}`,
    facts: [],
    steps: stepsUpTo(bundlePlan(code.startsWith("EVENT_")), { code, detail }),
    restsOn: [],
  };
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
