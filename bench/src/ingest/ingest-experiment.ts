import { loadavg } from "node:os";
import { join } from "node:path";
import type { Findings } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { interleave } from "../measure/interleave.ts";
import { fileSystemOf } from "../measure/work-folder.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { Fleet } from "./fleet.ts";
import { type IngestRuns, type IngestScale, ingestFindings } from "./ingest-findings.ts";
import { type PeerRun, runPeer } from "./peer-run.ts";
import { type Peer, peersHere } from "./peers.ts";
import { frameInterval_ms } from "./signed-frames.ts";
import { runUnit, type UnitRun } from "./unit-run.ts";
import { UnitSite } from "./unit-under-test.ts";

const full: IngestScale = {
  vehicles: 100,
  framesPerVehicle: 200,
  generators: 2,
  inFlight: 1,
  warmUpShare: 0.25,
  peerPasses: 6,
  repeats: 7,
  seed: 20_261,
};
const quick: IngestScale = {
  ...full,
  framesPerVehicle: 50,
  repeats: 3,
};

type Case =
  | { readonly kind: "unit"; readonly functions: "off" | "on" }
  | { readonly kind: "peer"; readonly peer: Peer };

type Run =
  | { readonly kind: "unit"; readonly run: UnitRun }
  | { readonly kind: "peer"; readonly run: PeerRun };

/** How much one unit takes in, beside brokers that only forward. */
export const ingestExperiment: Experiment = {
  name: "ingest",
  summary: "Samples per second through one unit to its durable log, beside aedes and mosquitto",
  run: (context) => measureIngest(context, context.isQuick ? quick : full),
};

export async function measureIngest(
  context: ExperimentContext,
  scale: IngestScale,
): Promise<Findings> {
  const load = loadavg()[0] ?? 0;
  const wall_ms = context.clock.wall_ms();
  const start_ms = wall_ms - (scale.framesPerVehicle + 10) * frameInterval_ms;
  const frames = scale.vehicles * scale.framesPerVehicle;
  context.progress({ done: 0, total: 1, doing: `making and signing ${frames} frames` });
  const size = { ...scale, processes: scale.generators };
  const authority = await CertificateAuthority.create({ name: "bench", now_ms: wall_ms });
  const fleet = await Fleet.prepare({ size, seed: scale.seed, start_ms, authority });
  try {
    return await compare({ context, scale, fleet, start_ms, load, authority });
  } finally {
    await fleet.stop();
  }
}

async function compare(o: {
  context: ExperimentContext;
  scale: IngestScale;
  fleet: Fleet;
  start_ms: number;
  load: number;
  authority: CertificateAuthority;
}): Promise<Findings> {
  const { context, scale, fleet, authority } = o;
  const folder = join(context.folder, "site");
  const { devices } = fleet;
  const site = await UnitSite.create({ folder, devices, created_ms: o.start_ms, authority });
  const peers = peersHere();
  const cases: readonly Case[] = [
    { kind: "unit", functions: "off" },
    { kind: "unit", functions: "on" },
    ...peers.map((peer): Case => ({ kind: "peer", peer })),
  ];
  const total = cases.length * scale.repeats;
  let done = 0;
  const results = await interleave<Case, Run>({
    cases,
    repeats: scale.repeats,
    run: async ({ case: one, repeat }) => {
      const what = one.kind === "unit" ? `unit-functions-${one.functions}` : one.peer.name;
      context.progress({ done: done++, total, doing: `${what}, repeat ${repeat + 1}` });
      const common = { ...scale, name: `${what}-${repeat + 1}`, fleet, context };
      if (one.kind === "unit") {
        const { functions } = one;
        return { kind: "unit", run: await runUnit({ ...common, site, functions }) };
      }
      const { peerPasses: passes } = scale;
      return { kind: "peer", run: await runPeer({ ...common, site, peer: one.peer, passes }) };
    },
  });
  context.progress({ done: total, total, doing: "done" });
  return ingestFindings({
    scale,
    runs: sorted(results),
    frame_bytes: fleet.payload_bytes / fleet.frames,
    fileSystem: fileSystemOf(context.folder),
    load: o.load,
  });
}

function sorted(results: ReadonlyMap<Case, readonly Run[]>): IngestRuns {
  const unit: Record<"off" | "on", UnitRun[]> = { off: [], on: [] };
  const peers: { peer: Peer; runs: PeerRun[] }[] = [];
  for (const [one, runs] of results) {
    if (one.kind === "unit") {
      unit[one.functions] = runs.flatMap(({ kind, run }) => (kind === "unit" ? [run] : []));
    } else {
      const own = runs.flatMap(({ kind, run }) => (kind === "peer" ? [run] : []));
      peers.push({ peer: one.peer, runs: own });
    }
  }
  return { unit, peers };
}
