import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { verifyBundle } from "@voltfog/ledger";
import { frameReader } from "@voltfog/messages";
import {
  assert,
  type Facts,
  type Findings,
  type Goal,
  quantile,
  reportRow,
  SeededRandom,
} from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { type ProofSetting, type ProvenFrame, proveFrame } from "./proven-frame.ts";

const goals: Readonly<Record<string, Goal>> = {
  // The design's goal and hope for one epoch, 20 validators and a million entries, without the frame.
  "proof.bytes": { sense: "at-most", goal: 6000, moonshot: 3000 },
  "proof.verify_ms": { sense: "at-most", goal: 50 },
};

interface Verified {
  readonly setting: ProofSetting;
  readonly proof_bytes: number;
  readonly frame_bytes: number;
  readonly verify_ms: Float64Array;
  /** Processor time of one, on average: what is left of it on a machine with other work. */
  readonly cpu_ms: number;
}

/** The headline comes first. */
function settings(isQuick: boolean): readonly ProofSetting[] {
  const headline = { validators: 20, units: 20, vehicles: 1000, events: 300, entries: 1_048_576 };
  const small = { validators: 4, units: 4, vehicles: 12, events: 0, entries: 1024 };
  const busy = { ...headline, events: 12_000 };
  return isQuick ? [headline, small] : [headline, small, busy];
}

/** How large a proof bundle is beside its frame, and how long Node takes to verify one. */
export const proofExperiment: Experiment = {
  name: "proof",
  summary: "Bytes of a proof bundle beside its frame, and the time to verify one",
  async run(context) {
    const cases = settings(context.isQuick);
    const runs: Verified[] = [];
    for (const [done, setting] of cases.entries()) {
      const doing = `${setting.validators} validators, ${setting.entries} entries`;
      context.progress({ done, total: cases.length, doing });
      const folder = join(context.folder, `log-${done + 1}`);
      mkdirSync(folder);
      const proven = await proveFrame({ setting, folder, random: new SeededRandom(done + 1) });
      runs.push(verifyAgain({ setting, proven, context }));
      if (!context.isKept) rmSync(folder, { recursive: true });
    }
    context.progress({ done: cases.length, total: cases.length, doing: "done" });
    return findings(runs);
  },
};

/** Each time anew from the bytes of bundle and genesis file, as a stranger does once. */
function verifyAgain(o: {
  setting: ProofSetting;
  proven: ProvenFrame;
  context: ExperimentContext;
}): Verified {
  const { setting, proven, context } = o;
  const { bundle, genesisBytes, frame_bytes } = proven;
  const { clock, isQuick } = context;
  const verify_ms = new Float64Array(isQuick ? 30 : 100);
  const before = process.cpuUsage();
  for (const at of verify_ms.keys()) {
    const start_ms = clock.monotonic_ms();
    const verdict = verifyBundle({
      bytes: bundle,
      genesisBytes,
      crypto: nodeCrypto,
      frames: frameReader,
    });
    verify_ms[at] = clock.monotonic_ms() - start_ms;
    assert(verdict.ok, verdict.ok ? "" : `${verdict.problem.code}: ${verdict.problem.detail}`);
  }
  const { user, system } = process.cpuUsage(before);
  const cpu_ms = (user + system) / 1000 / verify_ms.length;
  return { setting, proof_bytes: bundle.length - frame_bytes, frame_bytes, verify_ms, cpu_ms };
}

function findings(runs: readonly Verified[]): Findings {
  const [headline] = runs;
  assert(headline !== undefined, "there is a headline");
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  return {
    method:
      "A real log of the headline's size with one frame of 64 samples of 96 cells in its middle is made final by a chain whose blocks execute and verify as anywhere; the bundle of that frame is assembled by the newest header. proof.bytes is the bundle without its frame, in epoch 0 and with a quorum of signatures. proof.verify_ms is the median of verifying it in Node from the bytes of bundle and genesis file, each time anew, the first included. Devices are those of the genesis file, which is parsed each time: most of the time of a large consortium.",
    inputs: { setting: { ...headline.setting }, verifications: headline.verify_ms.length, goals },
    rows: [
      row("proof.bytes", "bytes", [headline.proof_bytes]),
      row("proof.verify_ms", "ms", [...headline.verify_ms]),
    ],
    items: runs.map(
      ({ setting, proof_bytes, frame_bytes, verify_ms, cpu_ms }): Facts => ({
        ...setting,
        proof_bytes,
        frame_bytes,
        verifyP50_ms: quantile(verify_ms, 0.5),
        verifyP99_ms: quantile(verify_ms, 0.99),
        verifyFirst_ms: verify_ms[0] ?? 0,
        verifyCpu_ms: cpu_ms,
      }),
    ),
  };
}
