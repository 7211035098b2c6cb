import { join } from "node:path";
import {
  balanceOf,
  Chain,
  type CheckedBlock,
  decodePlacedOrder,
  decodeSessionResult,
  depositPot,
  type Genesis,
  type MoneyPlace,
  moduleNumber,
  platformPot,
  promotionPot,
  supplyOf,
  unionPool,
  v2vAction,
} from "@voltfog/ledger";
import { openBlockReader } from "@voltfog/ledger/node";
import { assert, equalBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";

/** Blocks between two counts of all the money there is. */
const countEvery = 10;

export interface Replayed {
  readonly blocks: number;
  readonly transactions: number;
  readonly counts: number;
  /** Counts in which the money in all known places was not what came in. */
  readonly violations: number;
  /** Whether another validator's blocks, executed again from the genesis file, end in the same state. */
  readonly isEqual: boolean;
}

/**
 * Executes what one validator stored from the genesis file on, counts the money on the way, and compares the
 * end with what another validator has as final there.
 */
export async function replayMarket(o: {
  genesis: Genesis;
  folder: string;
  /** Two validators by their names. */
  of: readonly [string, string];
  holders: readonly Uint8Array[];
  organisation: string;
}): Promise<Replayed> {
  const { genesis } = o;
  const [own, other] = await Promise.all(
    o.of.map((id) => openBlockReader({ folder: join(o.folder, id, "blocks"), crypto })),
  );
  assert(own !== undefined && other !== undefined, "two validators");
  const chain = Chain.fromGenesis({ genesis, crypto });
  const money = new MoneyPlaces(o);
  const last = Math.min(own.height, other.height);
  let transactions = 0;
  let counts = 0;
  let violations = 0;
  for (let height = 1; height <= last; height++) {
    const stored = await own.read(height);
    assert(stored !== undefined, "a stored block is read");
    const followed = chain.follow(stored);
    assert(followed.ok, followed.ok ? "" : followed.problem.detail);
    transactions += followed.value.results.length;
    money.learn(followed.value);
    if (height % countEvery !== 0 && height !== last) continue;
    counts++;
    if (money.count(chain) !== supplyOf(chain.state)) violations++;
  }
  const theirs = await other.read(last);
  const ours = await own.read(last);
  const isEqual =
    theirs !== undefined && ours !== undefined && equalBytes(theirs.block, ours.block);
  return { blocks: last, transactions, counts, violations, isEqual };
}

/** Where money can be, as the results tell it. */
class MoneyPlaces {
  readonly #places: readonly MoneyPlace[];
  readonly #sessions = new Set<string>();
  readonly #trades = new Set<string>();

  constructor(o: { holders: readonly Uint8Array[]; organisation: string }) {
    this.#places = [
      ...o.holders,
      ...[platformPot, promotionPot, unionPool, depositPot(o.organisation)],
    ];
  }

  learn({ results }: CheckedBlock): void {
    for (const { module, action, code, data } of results) {
      if (code !== "OK") continue;
      if (module === moduleNumber.v2v) this.#learnTrade(action, data);
      if (module !== moduleNumber.sessions) continue;
      const decoded = decodeSessionResult(data);
      assert(decoded.ok, "a result reads");
      const id = toHex(decoded.value.sessionId);
      if (decoded.value.session.settlement === undefined) this.#sessions.add(id);
      else this.#sessions.delete(id);
    }
  }

  #learnTrade(action: number, data: Uint8Array): void {
    if (action !== v2vAction.sell && action !== v2vAction.buy) return;
    const placed = decodePlacedOrder(data);
    assert(placed.ok, "a result reads");
    const { order, trade } = placed.value;
    this.#trades.add(`v2v-order/${toHex(order.id)}`);
    if (trade !== undefined) this.#trades.add(`v2v/${toHex(trade.id)}`);
  }

  count(chain: Chain): number {
    const sessions = [...this.#sessions].map((id) => `session/${id}`);
    const pots = [...sessions, ...this.#trades].map((pot) => ({ pot }));
    return [...this.#places, ...pots].reduce((sum, one) => sum + balanceOf(chain.state, one), 0);
  }
}
