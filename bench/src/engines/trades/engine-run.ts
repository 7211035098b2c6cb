import { rmSync } from "node:fs";
import { join } from "node:path";
import { type EngineChoice, engineNames, engineText } from "@voltfog/ledger";
import { CodedError, messageOf } from "@voltfog/runtime";
import type { ExperimentContext } from "../../report/experiment.ts";
import { type CellFigures, type CellPlan, cellFigures } from "./cell-figures.ts";
import type { ClientLoad, ClientRun, Until } from "./client-messages.ts";
import { type Disturbance, disturb, type GapFigures } from "./disturbance.ts";
import { TradeSite } from "./trade-site.ts";

/** A cell that could not be measured. */
export interface CellFailure {
  readonly cell: string;
  readonly code: string;
  readonly message: string;
}

/** Everything of one engine in one repeat. */
export interface EngineRun {
  readonly engine: EngineChoice;
  readonly n: number;
  readonly cells: readonly CellFigures[];
  readonly gaps: readonly GapFigures[];
  /** Whether all validators came to the same state; undefined where it was not asked. */
  readonly isStateEqual: boolean | undefined;
  readonly failures: readonly CellFailure[];
}

/** The published experiment's clients and requests. */
const published = { clients: 10, operations: 2000 } as const;
/** Cell of the figures per operation, and that of the throughput. */
export const fewClients = 10;
export const manyClients = 400;
const openShares = [0.5, 0.75, 0.9] as const;
const openClients = manyClients;
const listSizes = [1024, 10_240] as const;
const link = { mean_ms: 0, jitter_ms: 0 } as const;

interface Parts {
  readonly site: TradeSite;
  readonly isQuick: boolean;
  readonly repeat: number;
  readonly cells: CellFigures[];
  readonly gaps: GapFigures[];
  readonly attempt: (cell: string, measure: () => Promise<void>) => Promise<void>;
}

/** What fails is named and left out; the rest is measured. */
export async function runEngine(o: {
  engine: EngineChoice;
  n: number;
  repeat: number;
  context: ExperimentContext;
}): Promise<EngineRun> {
  const { engine, n, context } = o;
  const cells: CellFigures[] = [];
  const gaps: GapFigures[] = [];
  const failures: CellFailure[] = [];
  let isStateEqual: boolean | undefined;
  const attempt = async (cell: string, measure: () => Promise<void>): Promise<void> => {
    try {
      await measure();
    } catch (thrown) {
      const code = thrown instanceof CodedError ? thrown.code : "CELL_FAILED";
      failures.push({ cell, code, message: messageOf(thrown) });
    }
  };
  const folder = join(context.folder, `${engine.name}-${engine.redundant}-${o.repeat + 1}`);
  const { clock, isQuick, isKept } = context;
  await attempt("start", async () => {
    const site = await TradeSite.start({ engine, n, link, pairs: manyClients, folder, clock });
    const parts: Parts = { site, isQuick, repeat: o.repeat, cells, gaps, attempt };
    try {
      await measureLoads(parts);
      await attempt("state", async () => {
        isStateEqual = await site.settled();
      });
      await measureGaps(parts, engine);
    } finally {
      await site.stop();
      if (!isKept) rmSync(folder, { recursive: true, force: true });
    }
  });
  return { engine, n, cells, gaps, isStateEqual, failures };
}

async function measureLoads(parts: Parts): Promise<void> {
  const { site, isQuick } = parts;
  const { clients, operations } = published;
  const for_ms = isQuick ? 800 : 1000;
  const trades = (count: number): ClientLoad => ({ kind: "trades", clients: count });
  const cold = { for_ms: isQuick ? 2000 : 2500, operations };
  await closed(parts, { cell: "published", load: trades(clients), until: cold });
  const until = { for_ms, operations: Number.POSITIVE_INFINITY };
  for (const count of isQuick ? [fewClients] : [1, fewClients, 100]) {
    await closed(parts, { cell: `closed-${count}`, load: trades(count), until });
  }
  // By turns first, since who comes second finds warmer processes and a larger state.
  const many = [`closed-${manyClients}`, unsyncedCell];
  for (const cell of parts.repeat % 2 === 0 ? many : many.toReversed()) {
    await parts.attempt(cell, () => site.consortium.setDurable(cell !== unsyncedCell));
    await closed(parts, { cell, load: trades(manyClients), until });
  }
  await parts.attempt("sync", () => site.consortium.setDurable(true));
  await measureOpen(parts, for_ms);
  for (const payload_bytes of isQuick ? [] : listSizes) {
    const load: ClientLoad = { kind: "lists", clients: fewClients, payload_bytes };
    await closed(parts, { cell: `list-${payload_bytes}`, load, until });
  }
  await parts.attempt("towns", () => site.setTowns());
}

export const unsyncedCell = "closed-unsynced";

async function closed(
  parts: Parts,
  o: { cell: string; load: ClientLoad; until: Until },
): Promise<void> {
  const { cell, load, until } = o;
  const isDurable = cell !== unsyncedCell;
  const plan = { cell, isDurable, clients: load.clients, loop: "closed", offered_Hz: undefined };
  await measured(parts, { ...plan, loop: "closed" }, () => parts.site.runClosed(load, until));
}

/** At shares of what the closed loop reached with many clients. */
async function measureOpen(parts: Parts, for_ms: number): Promise<void> {
  const reached = parts.cells.find(({ cell }) => cell === `closed-${manyClients}`);
  if (reached === undefined) return;
  for (const share of parts.isQuick ? openShares.slice(1, 2) : openShares) {
    const rate_Hz = Math.round(share * reached.rate_Hz);
    const cell = `open-${Math.round(100 * share)}`;
    const plan = { cell, loop: "open", clients: openClients, isDurable: true } as const;
    await measured(parts, { ...plan, offered_Hz: rate_Hz }, () =>
      parts.site.runAtRate({ clients: openClients, rate_Hz, for_ms }),
    );
  }
}

async function measured(
  { site, cells, attempt }: Parts,
  plan: CellPlan,
  load: () => Promise<ClientRun>,
): Promise<void> {
  await attempt(plan.cell, async () => {
    const before = await site.consortium.collect();
    const run = await load();
    const after = await site.consortium.collect();
    cells.push(cellFigures(plan, { before, after, run }));
  });
}

async function measureGaps(parts: Parts, engine: EngineChoice): Promise<void> {
  const { site, gaps, attempt } = parts;
  const hasFastPath = engine.name === engineNames[3];
  // The crash comes last: nobody starts that validator again.
  const kinds: readonly Disturbance[] = [
    ...(hasFastPath ? (["mute-follower"] as const) : []),
    "mute-leader",
    "kill-leader",
  ];
  for (const kind of kinds) {
    await attempt(kind, async () => {
      gaps.push(await disturb(site, kind));
    });
  }
}

/** Which run of which engine, for the eye. */
export function runText({ engine, repeat }: { engine: EngineChoice; repeat: number }): string {
  return `${engineText(engine)}, repeat ${repeat + 1}`;
}
