import { rmSync } from "node:fs";
import { join } from "node:path";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { syncRate } from "../measure/sync-rate.ts";
import type { ExperimentContext } from "../report/experiment.ts";
import { ConsortiumUnderTest } from "./consortium-under-test.ts";
import type { Link } from "./delayed-transport.ts";
import { type LoadFigures, loadFigures, publishedDepth } from "./load-figures.ts";
import { searchRate } from "./rate-search.ts";
import type { SeenBlock, SentTransaction } from "./validator-messages.ts";
import { verifyRate } from "./verify-rate.ts";

/** What is measured of one consortium: latency alone, or also how much it takes and what a crash costs. */
export interface ConsensusCase {
  readonly name: string;
  readonly n: number;
  readonly link: Link;
  readonly blockInterval_ms: number;
  readonly isDurable: boolean;
  readonly hasRate: boolean;
  readonly hasCrash: boolean;
}

/** A load at a rate, with what all validators spent on it. */
export interface LoadedRun extends LoadFigures {
  readonly offered_Hz: number;
  readonly cpuPerTx_us: number;
  readonly perTx_bytes: number;
  readonly messagesPerTx: number;
  /** Final ones that a module refused. */
  readonly refusedByModule: number;
}

export interface ConsensusRun {
  readonly light: LoadedRun;
  /** At the highest rate whose p99 met the bound. */
  readonly full: LoadedRun | undefined;
  /** Final transactions a second when more are offered than that. */
  readonly saturated_Hz: number | undefined;
  /** From the kill of the leader to the next final block, less the block interval. */
  readonly crashGap_ms: number | undefined;
  readonly processes: number;
  readonly verifyRate_Hz: number;
  readonly syncRate_Hz: number;
}

/** Transactions a second for latency: far below what the machine takes. */
const lightRate_Hz = 25;
/** A rate counts where 99 of 100 transactions are final after five block intervals at most. */
export const boundIntervals = 5;
/** How long a load is waited for beyond its end. */
const crashWait_ms = 6000;
const look_ms = 100;

export async function runCase(o: {
  case: ConsensusCase;
  repeat: number;
  context: ExperimentContext;
  /** Where to look first for the highest rate. */
  first_Hz: number;
}): Promise<ConsensusRun> {
  const { context } = o;
  const { clock, isQuick } = context;
  const folder = join(context.folder, `${o.case.name}-${o.repeat + 1}`);
  const verifyRate_Hz = verifyRate(clock);
  const consortium = await ConsortiumUnderTest.start({ ...o.case, folder, clock });
  const { processes } = consortium;
  try {
    const light = await underLoad({
      consortium,
      case: o.case,
      rate_Hz: lightRate_Hz,
      for_ms: isQuick ? 3000 : 6000,
      blocksAfter: publishedDepth,
    });
    const full = o.case.hasRate ? await highestRate({ ...o, consortium }) : undefined;
    const saturated_Hz = full && (await saturatedRate({ ...o, consortium, full }));
    const crashGap_ms = o.case.hasCrash ? await crashGap({ ...o, consortium }) : undefined;
    const syncRate_Hz = await syncRate({ folder, clock });
    const limits = { verifyRate_Hz, syncRate_Hz };
    return { light, full, saturated_Hz, crashGap_ms, processes, ...limits };
  } finally {
    await consortium.stop();
    if (!context.isKept) rmSync(folder, { recursive: true, force: true });
  }
}

async function highestRate(o: {
  consortium: ConsortiumUnderTest;
  case: ConsensusCase;
  context: ExperimentContext;
  first_Hz: number;
}): Promise<LoadedRun | undefined> {
  const { consortium } = o;
  const bound_ms = boundIntervals * o.case.blockInterval_ms;
  const found = await searchRate({
    first_Hz: o.first_Hz,
    stepsMax: o.context.isQuick ? 3 : 4,
    isGood: ({ p99_ms }: LoadedRun) => p99_ms <= bound_ms,
    run: (rate_Hz) =>
      underLoad({ consortium, case: o.case, rate_Hz, for_ms: 3000, blocksAfter: 0 }),
  });
  return found?.result;
}

/** How fast blocks take what waits when twice as much is offered as met the bound. */
async function saturatedRate(o: {
  consortium: ConsortiumUnderTest;
  case: ConsensusCase;
  full: LoadedRun;
}): Promise<number> {
  const rate_Hz = 2 * o.full.offered_Hz;
  const run = await underLoad({ ...o, rate_Hz, for_ms: 3000, blocksAfter: 0 });
  return run.rate_Hz;
}

/** Sends for a while, waits until all is final or long overdue, and counts. */
export async function underLoad(o: {
  consortium: ConsortiumUnderTest;
  case: Pick<ConsensusCase, "blockInterval_ms">;
  rate_Hz: number;
  for_ms: number;
  blocksAfter: number;
  /** How long more than the usual may pass until all is final. */
  patience_ms?: number;
  transactionsOf?: (place: number, count: number) => readonly Uint8Array[];
}): Promise<LoadedRun> {
  const { consortium, rate_Hz, for_ms } = o;
  const { blockInterval_ms } = o.case;
  const before = await consortium.collect();
  const { transactionsOf } = o;
  const load =
    transactionsOf === undefined ? { rate_Hz, for_ms } : { rate_Hz, for_ms, transactionsOf };
  const { end_ms } = await consortium.startLoad(load);
  await consortium.wait(end_ms - sharedTime_ms());
  const sent: SentTransaction[] = [];
  const seen: SeenBlock[] = [];
  let refused = 0;
  let after = before;
  const usual_ms = (2 * boundIntervals + o.blocksAfter) * blockInterval_ms;
  const giveUp_ms = end_ms + usual_ms + (o.patience_ms ?? 0);
  do {
    await consortium.wait(look_ms);
    after = await consortium.collect();
    sent.push(...after.sent);
    seen.push(...after.seen);
    refused += after.refused;
  } while (sharedTime_ms() < giveUp_ms && !isOver({ sent, seen, blocksAfter: o.blocksAfter }));
  const figures = loadFigures({ sent, refused, seen });
  const final = Math.max(1, figures.sent - figures.missing);
  return {
    ...figures,
    offered_Hz: rate_Hz,
    cpuPerTx_us: (1000 * (after.cpu_ms - before.cpu_ms)) / final,
    perTx_bytes: (after.sent_bytes - before.sent_bytes) / final,
    messagesPerTx: (after.messages - before.messages) / final,
    refusedByModule: seen.reduce((sum, one) => sum + one.refused, 0),
  };
}

/** Everything is final, and so many blocks are above the last of it. */
function isOver(o: {
  sent: readonly SentTransaction[];
  seen: readonly SeenBlock[];
  blocksAfter: number;
}): boolean {
  const included = o.seen.reduce((sum, { transactions }) => sum + transactions.length, 0);
  if (included < o.sent.length) return false;
  const last = o.seen.findLast(({ transactions }) => transactions.length > 0)?.height ?? 0;
  return (o.seen.at(-1)?.height ?? 0) >= last + o.blocksAfter;
}

async function crashGap(o: {
  consortium: ConsortiumUnderTest;
  case: ConsensusCase;
}): Promise<number | undefined> {
  const { consortium } = o;
  const killed_ms = await consortium.killLeader();
  const giveUp_ms = killed_ms + crashWait_ms;
  while (sharedTime_ms() < giveUp_ms) {
    const { seen } = await consortium.collect();
    const next = seen.find(({ at_ms }) => at_ms > killed_ms);
    if (next !== undefined) return next.at_ms - killed_ms - o.case.blockInterval_ms;
    await consortium.wait(look_ms);
  }
  return undefined;
}
