import { type Facts, type Findings, reportRow, rounded, summarise } from "@voltfog/runtime";
import { batteryEngines, faultyMax, hashRate_Hz, isProduct } from "./battery-engine.ts";
import { batteryFigures, type Figure, rowNames } from "./battery-figures.ts";
import { headlineSize, usualLink } from "./battery-rounds.ts";
import {
  type BatteryCell,
  type BatteryRun,
  boundIntervals,
  type CellRun,
  lightRate_Hz,
} from "./battery-run.ts";
import { statedBattery_Wh, statedModel } from "./energy-model.ts";
import { type LoadStep, workOf } from "./load-step.ts";

/** Of an event transaction, and of a record of the engines that are there for comparison. */
const transaction_bytes = 198;
const record_bytes = 200;

interface Group {
  readonly cell: BatteryCell;
  readonly runs: readonly BatteryRun[];
  readonly failures: readonly string[];
  readonly leftOut: number;
}

export function batteryFindings(o: {
  runs: readonly CellRun[];
  load: number;
  fileSystem: string;
}): Findings {
  const groups = groupsOf(o.runs);
  const headline = groups.filter(
    ({ cell: { n, link } }) =>
      n === headlineSize && link.mean_ms === usualLink.mean_ms && link.loss === undefined,
  );
  const [first] = o.runs;
  return {
    method,
    inputs: {
      engines: batteryEngines,
      sizes: [...new Set(o.runs.map(({ cell }) => cell.n))],
      headline: headlineSize,
      T_s: (first?.cell.blockInterval_ms ?? 0) / 1000,
      lightRate_Hz,
      hashRate_Hz,
      energyModel: statedModel,
      battery_Wh: statedBattery_Wh,
      fileSystem: o.fileSystem,
      loadAverageBefore: rounded(o.load),
    },
    rows: headline.flatMap(({ cell, runs }) =>
      batteryFigures.flatMap((figure) => {
        if (!rowNames.has(figure.name)) return [];
        const values = valuesOf(figure, runs, cell);
        const metric = `engines.battery.${cell.engine}.${figure.name}`;
        return values.length === 0 ? [] : [reportRow({ metric, unit: figure.unit, values })];
      }),
    ),
    items: groups.map(itemOf),
  };
}

/** Cells that are alike, in the order of their first run. */
function groupsOf(runs: readonly CellRun[]): Group[] {
  const groups = new Map<string, CellRun[]>();
  for (const run of runs) {
    const { engine, n, link } = run.cell;
    const name = `${engine} ${n} ${link.mean_ms} ${link.loss ?? 0}`;
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return {
      cell: first.cell,
      runs: alike.flatMap(({ outcome }) => (outcome?.isDone === true ? outcome.run : [])),
      failures: alike.flatMap(({ outcome }) => (outcome?.isDone === false ? outcome.reason : [])),
      leftOut: alike.filter(({ outcome }) => outcome === undefined).length,
    };
  });
}

function valuesOf(figure: Figure, runs: readonly BatteryRun[], cell: BatteryCell): number[] {
  return runs.flatMap((run) => {
    const value = figure.of(run, cell);
    return value === undefined || !Number.isFinite(value) ? [] : value;
  });
}

function itemOf({ cell, runs, failures, leftOut }: Group): Facts {
  const { engine, n, link } = cell;
  const figures = batteryFigures.flatMap((figure) => {
    const values = valuesOf(figure, runs, cell);
    if (values.length === 0) return [];
    const { value, min, max } = summarise(values);
    const facts = { value: rounded(value), min: rounded(min), max: rounded(max) };
    return [[figure.name, facts] as const];
  });
  return {
    engine,
    n,
    f: faultyMax(engine, n),
    payload_bytes: isProduct(engine) ? transaction_bytes : record_bytes,
    clients: n - 1,
    link_ms: link.mean_ms,
    jitter_ms: link.jitter_ms,
    loss: link.loss ?? 0,
    T_s: cell.blockInterval_ms / 1000,
    mode: "processes",
    auth: "Ed25519 of each record at every replica",
    tls: "1.3, mutual",
    fsync: true,
    batch: "up to 4096 records a block",
    inFlight: 1,
    loop: "open",
    repeats: runs.length,
    ...(failures.length === 0 ? {} : { failures }),
    ...(leftOut === 0 ? {} : { leftOutForTime: leftOut }),
    ...Object.fromEntries(figures),
    finalityOverTime_ms: runs[0]?.light.overTime_ms ?? [],
    kindsPerBlock: kindsOf(runs),
    steps: runs.map(({ steps }) => steps.map(stepFacts)).filter(({ length }) => length > 0),
  };
}

/** Throughput by block size: what was offered, and how full the blocks were that took it. */
function stepFacts(step: LoadStep): Facts {
  const perBlock = (value: number): number => rounded(value / Math.max(1, step.blocks));
  return {
    offered_per_s: step.offered_Hz,
    final_per_s: rounded(step.final_Hz),
    missing: step.missing,
    records_per_block: perBlock(step.records),
    fullestBlock: step.fullestBlock,
    messages_per_block: perBlock(workOf(step).messages),
    cpu_us_per_record: rounded((1000 * workOf(step).cpu_ms) / Math.max(1, step.records)),
    inclusion_p99_ms: finite(step.inclusion.p99_ms),
    finality_p99_ms: finite(step.finality.p99_ms),
    reorganisedBlocks: step.reorganised.blocks,
  };
}

/** JSON knows no infinity: what never happened is null. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

/** At the common rate, the median over the runs that have it. */
function kindsOf(runs: readonly BatteryRun[]): Facts {
  const each = runs.flatMap(({ steps: [step] }) =>
    step === undefined || step.blocks === 0 ? [] : { kinds: workOf(step).kinds, step },
  );
  const names = [...new Set(each.flatMap(({ kinds }) => Object.keys(kinds)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = each.map(({ kinds, step }) => (kinds[name] ?? 0) / step.blocks);
      return [name, rounded(summarise(values).value)];
    }),
  );
}

const method = `Replicas in processes of their own over mutual TLS 1.3 on this machine, files synced before a replica says what they hold. poa and pbft are the product: its ledger, event transactions of ${transaction_bytes} bytes, the certificate of every block verified by the client. poa-published (a committee of three with the lowest measured latency, one broadcast, the longest chain), pow (SHA-256, a fixed difficulty) and raft (no replica lies) are there for comparison: signed records of ${record_bytes} bytes on the same transport, no ledger behind them. Every replica verifies every record's Ed25519 signature. Every message is held back as on the stated link before it is written; where a share of segments is lost, a message with a lost one is held back 200 ms more, as TCP sends it again, and all behind it with it. Load is open loop from the intended moments, evenly over clients beside all replicas but the last, signed beforehand; the last one's client watches its own chain. Three latencies: inclusion (the record's block is in the chain and stays), finality (the engine calls it final: with its certificate in poa and pbft, ⌊n/2⌋ + 1 blocks deep in pow, at once in poa-published, committed in raft), and inclusion_and_6 (six blocks above its own; raft makes none while nothing waits, so that its last records never count), which is what the published 8.51, 12.09 and 14.35 s count; their interval is not stated. All at ${lightRate_Hz} records a second. T is the least time between blocks; in pow the difficulty is set for it at ${hashRate_Hz} hashes a second of all miners together, a number that we chose: energy and processor time of pow follow it. Reorganised blocks left the observer's chain in any of a run's loads, reorganised_final_blocks of them after they had been called final. Figures per record and block are those of the common rate, 800 / n records a second for all engines alike, all replicas together and their clients; cpu_share is one replica's at the light rate, of one core. tx_per_s is the highest offered rate of 800, 2,400 and 6,400 / n whose records were all final and 99 of 100 in the chain within ${boundIntervals} T; most_tx_per_s the rate of final ones at any of them. Rates are those of replicas that share this machine's processors. Energy is a model, nothing was metered: ${statedModel.active_W} W by processor seconds of this machine (a small board's core at 1 W, four times slower), ${1e6 * statedModel.perByte_J} µJ for a byte sent or received, for the second replica alone, above idle. battery_transactions is how many records such a node takes part in until ${statedBattery_Wh} Wh are used; battery_transactions_idling counts ${statedModel.idle_W} W of idling at that rate besides. Then that node is killed with signal 9, as one without charge: blocks_after_loss became final among the others in 3.5 s. Engines are interleaved, every second round backwards. A cell that failed is named in its item; so is one that no time was left for.`;
