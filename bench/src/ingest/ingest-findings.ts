import {
  assert,
  type Facts,
  type Findings,
  type Goal,
  type ReportRow,
  reportRow,
  rounded,
  summarise,
} from "@voltfog/runtime";
import type { PeerRun } from "./peer-run.ts";
import type { Peer } from "./peers.ts";
import { sampleInterval_ms, samplesPerFrame } from "./signed-frames.ts";
import type { UnitRun } from "./unit-run.ts";

export interface IngestScale {
  readonly vehicles: number;
  readonly framesPerVehicle: number;
  readonly generators: number;
  readonly inFlight: number;
  readonly warmUpShare: number;
  /** How often a peer is sent all frames: it is faster and doesn't look into them. */
  readonly peerPasses: number;
  readonly repeats: number;
  readonly seed: number;
}

export interface IngestRuns {
  readonly unit: Readonly<Record<"off" | "on", readonly UnitRun[]>>;
  readonly peers: readonly { readonly peer: Peer; readonly runs: readonly PeerRun[] }[];
}

const goals: Readonly<Record<string, Goal>> = {
  "ingest.samples_per_s": { sense: "at-least", goal: 150_000, moonshot: 500_000 },
  "ingest.ack_p99_ms": { sense: "at-most", goal: 100 },
  "ingest.bytes_per_sample": { sense: "at-most", goal: 100 },
  "ingest.ratio_to_mosquitto": { sense: "at-least", goal: 0.04, moonshot: 0.12 },
};

/** Setting of the rows that say nothing else. */
const headline = "off";

interface Parts {
  readonly scale: IngestScale;
  readonly runs: IngestRuns;
  /** Mean over all frames. */
  readonly frame_bytes: number;
  readonly fileSystem: string;
  /** Load average before the start: what else the machine was doing. */
  readonly load: number;
}

export function ingestFindings(parts: Parts): Findings {
  return {
    method: method(parts),
    inputs: inputs(parts),
    rows: [...unitRows(parts.runs), ...peerRows(parts.runs)],
    items: [
      ...(["off", "on"] as const).map((functions) => unitItem(functions, parts.runs)),
      ...parts.runs.peers.map(peerItem),
      ...absentPeers(parts.runs),
    ],
  };
}

function method({ scale, runs, fileSystem, frame_bytes }: Parts): string {
  const { vehicles, framesPerVehicle, generators, inFlight } = scale;
  const peers = runs.peers
    .map(({ peer, runs: [run] }) => `${peer.name} ${run?.version} (${peer.configuration})`)
    .join("; ");
  return [
    `One \`voltfog rsu\` process with its default settings and an empty folder on ${fileSystem} takes ${framesPerVehicle} signed frames of ${samplesPerFrame} samples from each of ${vehicles} vehicles over mutual TLS 1.3 on loopback, MQTT 3.1.1 QoS 1, ${inFlight} in flight per vehicle; it verifies every signature, decodes and checks every sample, and acknowledges after write and fdatasync of a group commit. Vehicles read their receipts. No validator runs, no function serves a vehicle in the rows (headline setting), functions on are rows and an item: then every sample is durable too, but functions that cannot keep up shed samples, and served_share is what they took.`,
    `Frames are simulated drives of 96 cells and 24 sensors with noise, all different, ${Math.round(frame_bytes)} bytes on average, made and signed before any clock runs by ${generators} generator processes on the same machine.`,
    `Counted is from the moment when every vehicle has a quarter of its frames acknowledged until the first one sends its last. After each run the unit is stopped, its folder is checked byte by byte, and it has to hold every sample. bytes_per_sample is everything in the unit's data folder.`,
    `Peers forward the same frames, sent ${scale.peerPasses} times over, from the same clients to one subscriber process with QoS 1, and keep nothing; counted is the payload that reaches the subscriber: ${peers}.`,
    `Interleaved, ${scale.repeats} repeats, a new process each time.`,
    ...absentPeers(runs).map(({ skipped }) => `${skipped}.`),
  ].join(" ");
}

function inputs({ scale, fileSystem, frame_bytes, load }: Parts): Facts {
  return {
    ...scale,
    samplesPerFrame,
    sampleInterval_ms,
    cells: 96,
    temperatureSensors: 24,
    frame_bytes: rounded(frame_bytes),
    qos: 1,
    functions: headline,
    fileSystem,
    loadAverageBefore: rounded(load),
    goals,
  };
}

function unitRows({ unit }: IngestRuns): ReportRow[] {
  const row = (
    metric: string,
    unitName: string,
    value: (run: UnitRun) => number | undefined,
    runs = unit[headline],
  ): ReportRow[] => {
    const values = runs.map(value).filter((one) => one !== undefined);
    if (values.length === 0) return [];
    return [reportRow({ metric, unit: unitName, values, goal: goals[metric] })];
  };
  return [
    ...row("ingest.samples_per_s", "samples/s", (run) => run.sampleRate_Hz),
    ...row("ingest.ack_p99_ms", "ms", (run) => run.ack.p99_ms),
    ...row("ingest.cpu_us_per_sample", "us", (run) => run.cpu_us),
    ...row("ingest.bytes_per_sample", "bytes", (run) => run.disk_bytes),
    ...row("ingest.functions_on.samples_per_s", "samples/s", (run) => run.sampleRate_Hz, unit.on),
    ...row("ingest.functions_on.ack_p99_ms", "ms", (run) => run.ack.p99_ms, unit.on),
    ...row("ingest.functions_on.served_share", "ratio", (run) => run.servedShare, unit.on),
  ];
}

function peerRows({ unit, peers }: IngestRuns): ReportRow[] {
  return peers.flatMap(({ peer, runs }) => {
    const metric = `ingest.peer.${peer.name}.bytes_per_s`;
    const values = runs.map((run) => run.rate_bytes);
    const row = reportRow({ metric, unit: "bytes/s", values });
    if (peer.name !== "mosquitto") return [row];
    return [row, ratioRow(unit[headline], runs)];
  });
}

/** Unit and peer of the same repeat, which ran close together. */
function ratioRow(unit: readonly UnitRun[], peer: readonly PeerRun[]): ReportRow {
  const metric = "ingest.ratio_to_mosquitto";
  const values = unit.map((run, i) => {
    const beside = peer[i];
    assert(beside !== undefined, "unit and peer have as many repeats");
    return run.rate_bytes / beside.rate_bytes;
  });
  return reportRow({ metric, unit: "ratio", values, goal: goals[metric] });
}

function unitItem(functions: "off" | "on", { unit }: IngestRuns): Facts {
  const runs = unit[functions];
  const over = (value: (run: UnitRun) => number | undefined): Facts | null => spread(runs, value);
  return {
    setting: `unit, functions ${functions}`,
    n: runs.length,
    samples_per_s: over((run) => run.sampleRate_Hz),
    payload_bytes_per_s: over((run) => run.rate_bytes),
    ack_p50_ms: over((run) => run.ack.p50_ms),
    ack_p99_ms: over((run) => run.ack.p99_ms),
    ack_max_ms: over((run) => run.ack.max_ms),
    cpu_us_per_sample: over((run) => run.cpu_us),
    cpuMainThreadShare: over((run) => run.mainThreadShare),
    cpuProcessShare: over((run) => run.processShare),
    cpuGeneratorsShare: over((run) => run.generatorShare),
    disk_bytes_per_sample: over((run) => run.disk_bytes),
    functionSamplesShed: over((run) => run.samplesShed),
    events: over((run) => run.events),
    window_ms: over((run) => run.window_ms),
  };
}

function peerItem({ peer, runs }: IngestRuns["peers"][number]): Facts {
  const over = (value: (run: PeerRun) => number | undefined): Facts | null => spread(runs, value);
  return {
    setting: `${peer.name} alone`,
    version: runs[0]?.version,
    configuration: peer.configuration,
    n: runs.length,
    forwarded_bytes_per_s: over((run) => run.rate_bytes),
    acknowledged_bytes_per_s: over((run) => run.acked_bytes),
    ack_p50_ms: over((run) => run.ack.p50_ms),
    ack_p99_ms: over((run) => run.ack.p99_ms),
    ack_max_ms: over((run) => run.ack.max_ms),
    cpuProcessShare: over((run) => run.processShare),
    cpuGeneratorsShare: over((run) => run.generatorShare),
    window_ms: over((run) => run.window_ms),
  };
}

function absentPeers({ peers }: IngestRuns): { setting: string; skipped: string }[] {
  if (peers.some(({ peer }) => peer.name === "mosquitto")) return [];
  const skipped = "mosquitto is not installed here, so it was left out with the ratio to it";
  return [{ setting: "mosquitto alone", skipped }];
}

function spread<Run>(runs: readonly Run[], value: (run: Run) => number | undefined): Facts | null {
  const values = runs.map(value).filter((one) => one !== undefined);
  if (values.length === 0) return null;
  const { value: median, min, max } = summarise(values);
  return { value: rounded(median), min: rounded(min), max: rounded(max) };
}
