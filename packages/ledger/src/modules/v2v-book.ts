import { assert, type Crypto } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import {
  type BookRecord,
  encodeBookRecord,
  encodeLinkedVehicle,
  encodeOrderRecord,
  encodeTradeRecord,
  type LinkedVehicle,
  type OrderRecord,
  type TradeRecord,
} from "./v2v-records.ts";
import {
  linkedVehicleOf,
  v2vBookName,
  v2vBookOf,
  v2vOrderName,
  v2vOrderOf,
  v2vSlotName,
  v2vTradeName,
  v2vVehicleName,
} from "./v2v-state.ts";

/** Open orders at once; an index of them with 256 meeting points is then 64 MB. */
export const ordersOpenMax = 32_768;

const putMark = Uint8Array.of(1);
const tookMark = Uint8Array.of(2);
const ruledMark = Uint8Array.of(3);
const freeSlot = new Uint8Array(16);

/** The state with other counts, or another hash, of the book. */
export function withBook(state: StateTree, change: Partial<BookRecord>): StateTree {
  return state.with(v2vBookName, encodeBookRecord({ ...v2vBookOf(state), ...change }));
}

/** The state whose book has been told other rules or meeting points, which are given as their payload. */
export function withBookRules(state: StateTree, payload: Uint8Array, crypto: Crypto): StateTree {
  return withBook(state, { hash: crypto.sha256(v2vBookOf(state).hash, ruledMark, payload) });
}

/** Puts an order into the next free place; its record becomes the state's. */
export function withOpenOrder(state: StateTree, order: OrderRecord, crypto: Crypto): StateTree {
  const book = v2vBookOf(state);
  const { openBuys, openSells } = book;
  const record = encodeOrderRecord({ ...order, slot: openBuys + openSells });
  const placed = state
    .with(v2vOrderName(order.id), record)
    .with(v2vSlotName(openBuys + openSells), order.id);
  return withBook(placed, {
    ...(order.side === "buy" ? { openBuys: openBuys + 1 } : { openSells: openSells + 1 }),
    hash: crypto.sha256(book.hash, putMark, record),
  });
}

/** Takes an open order out of the book, with what it has become; the last place's order moves into its place. */
export function withClosedOrder(
  state: StateTree,
  order: OrderRecord,
  change: { state: OrderRecord["state"]; crypto: Crypto },
): StateTree {
  const book = v2vBookOf(state);
  const { openBuys, openSells } = book;
  const last = openBuys + openSells - 1;
  let after = state;
  if (order.slot !== last) {
    const lastId = state.get(v2vSlotName(last));
    const moved = lastId && v2vOrderOf(state, lastId);
    assert(moved !== undefined, "every place of the book has its order");
    after = after
      .with(v2vSlotName(order.slot), moved.id)
      .with(v2vOrderName(moved.id), encodeOrderRecord({ ...moved, slot: order.slot }));
  }
  after = after.with(v2vSlotName(last), freeSlot);
  after = withOrder(after, { ...order, state: change.state, slot: 0 });
  return withBook(after, {
    ...(order.side === "buy" ? { openBuys: openBuys - 1 } : { openSells: openSells - 1 }),
    hash: change.crypto.sha256(book.hash, tookMark, order.id),
  });
}

export function withOrder(state: StateTree, order: OrderRecord): StateTree {
  return state.with(v2vOrderName(order.id), encodeOrderRecord(order));
}

export function withTrade(state: StateTree, trade: TradeRecord): StateTree {
  return state.with(v2vTradeName(trade.id), encodeTradeRecord(trade));
}

/** What a vehicle is busy with now; nothing where neither is given. */
export function withVehicleBusy(
  state: StateTree,
  key: Uint8Array,
  busy: Pick<Partial<LinkedVehicle>, "order" | "trade">,
): StateTree {
  const vehicle = linkedVehicleOf(state, key);
  assert(vehicle !== undefined, "who trades is linked");
  const record = { ...vehicle, order: busy.order, trade: busy.trade };
  return state.with(v2vVehicleName(key), encodeLinkedVehicle(record));
}
