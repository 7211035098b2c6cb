import { rmSync } from "node:fs";
import { join } from "node:path";
import { boundIntervals, type LoadedRun, underLoad } from "../consensus/consensus-run.ts";
import { ConsortiumUnderTest } from "../consensus/consortium-under-test.ts";
import { searchRate } from "../consensus/rate-search.ts";
import type { ExperimentContext } from "../report/experiment.ts";
import { ChargingLoad } from "./charging-load.ts";
import { homeOf, type Order, operator, person } from "./market-people.ts";
import { arrival, foundation, organisation, tradersOf } from "./market-preparations.ts";
import { type Replayed, replayMarket } from "./market-replay.ts";
import { OrderSigner } from "./order-signer.ts";
import { type Neighbours, TradingLoad } from "./trading-load.ts";

export const validators = 4;
export const blockInterval_ms = 400;
/** Loopback processes on one machine, as trades are counted: the network's own time is bench consensus's. */
const link = { mean_ms: 0, jitter_ms: 0 };
const senders = validators - 1;
const peoplePerSender = 600;
/** As many meeting points as the chain takes. */
const neighboursPerSender = 80;
const preparing_Hz = 400;
const patience_ms = 60_000;

export interface TradedRun {
  /** At the highest rate whose p99 met the bound; undefined where none did. */
  readonly full: LoadedRun | undefined;
  readonly replayed: Replayed;
}

/**
 * Orders of vehicle owners against four validators with their disks over TLS: the highest rate at which 99 of
 * 100 are final within five block intervals, from their intended moments. What they stored is then executed again.
 */
export async function runTrades(o: {
  context: ExperimentContext;
  repeat: number;
  first_Hz: number;
}): Promise<TradedRun> {
  const { clock, isQuick } = o.context;
  const folder = join(o.context.folder, `trades-${o.repeat + 1}`);
  const people = Array.from({ length: senders * peoplePerSender }, (_, i) => person(i));
  const stepsMax = isQuick ? 3 : 5;
  // Others at each rate, since what an overload cut short would hold up the trades behind it.
  const neighbours = Array.from({ length: stepsMax }, (_, step) => neighboursAt(step));
  const traders = neighbours.flatMap(tradersOf);
  const vehicleKeys = traders.map(({ vehicle }) => vehicle.publicKey);
  const consortium = await ConsortiumUnderTest.start({
    ...{ n: validators, link, blockInterval_ms, isDurable: true, folder, clock, vehicleKeys },
  });
  try {
    const { chainId } = consortium.genesis;
    const signer = new OrderSigner(chainId);
    const prepare = async (stages: readonly (readonly Order[])[]): Promise<void> => {
      for (const stage of stages) {
        await sendAll({ consortium, transactions: stage.map((order) => signer.sign(order)) });
      }
    };
    await prepare(foundation({ chainId, validators, people }));
    const charging = lanesOf(people).map((own) => new ChargingLoad({ people: own, clock }));
    const found = await searchRate({
      first_Hz: o.first_Hz,
      stepsMax,
      isGood: ({ p99_ms }: LoadedRun) => p99_ms <= boundIntervals * blockInterval_ms,
      run: async (rate_Hz) => {
        const arrived = neighbours.shift() ?? [];
        await prepare(arrival({ chainId, neighbours: arrived }));
        const trading = lanesOf(arrived).map(
          (own) => new TradingLoad({ neighbours: own, chainId, clock }),
        );
        return underLoad({
          ...{ consortium, case: { blockInterval_ms }, rate_Hz, for_ms: 3000, blocksAfter: 0 },
          transactionsOf: (place, count) =>
            mixed(count, shares({ charging, trading }, place)).map((order) => signer.sign(order)),
        });
      },
    });
    await consortium.stop();
    const owners = [...people, ...traders].map(({ signer: { publicKey } }) => publicKey);
    const holders = [...owners, operator.publicKey];
    const { genesis } = consortium;
    const replayed = await replayMarket({
      ...{ genesis, folder, holders, organisation },
      of: ["validator-1", `validator-${validators}`],
    });
    return { full: found?.result, replayed };
  } finally {
    await consortium.stop();
    if (!o.context.isKept) rmSync(folder, { recursive: true, force: true });
  }
}

/** Pairs that nobody else knows, each at home where the way to all others is too far. */
function neighboursAt(step: number): readonly Neighbours[] {
  const pairs = senders * neighboursPerSender;
  return Array.from({ length: pairs }, (_, i) => {
    const pair = step * pairs + i;
    // What one key sends must come through one client, or its numbers overtake each other.
    const first = senders * peoplePerSender + 2 * pair;
    return { seller: person(first), buyer: person(first + 1), home: homeOf(pair) };
  });
}

/** In as many equal parts as there are senders. */
function lanesOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  const size = all.length / senders;
  return Array.from({ length: senders }, (_, lane) => all.slice(lane * size, (lane + 1) * size));
}

/**
 * Three orders of four are charging's. There are fewer pairs than drivers, and the steps of one trade, which
 * several keys send, must be further apart than what waits, or a block takes them in another order.
 */
function shares(
  loads: { charging: readonly ChargingLoad[]; trading: readonly TradingLoad[] },
  place: number,
): readonly ({ next(): Order } | undefined)[] {
  const charging = loads.charging[place];
  return [charging, charging, charging, loads.trading[place]];
}

/** The loads' orders by turns. */
function mixed(count: number, loads: readonly ({ next(): Order } | undefined)[]): Order[] {
  return Array.from({ length: count }, (_, turn) => {
    const load = loads[turn % loads.length];
    if (load === undefined) throw new Error("every sender has its loads");
    return load.next();
  });
}

/** Sends through one client and waits until all is final; a refusal is a mistake of the bench. */
async function sendAll(o: {
  consortium: ConsortiumUnderTest;
  transactions: readonly Uint8Array[];
}): Promise<void> {
  const { consortium, transactions } = o;
  const run = await underLoad({
    ...{ consortium, case: { blockInterval_ms }, blocksAfter: 0, patience_ms },
    rate_Hz: preparing_Hz * senders,
    for_ms: (1000 * transactions.length) / preparing_Hz,
    transactionsOf: (place) => (place === 0 ? transactions : []),
  });
  if (run.missing > 0 || run.refusedByModule > 0) {
    throw new Error(`${run.missing} preparations are missing, ${run.refusedByModule} refused`);
  }
}
