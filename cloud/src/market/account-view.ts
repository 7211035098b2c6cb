import { balanceOf, beansOf, holderOf, sessionDebtOf, withdrawalOf } from "@voltfog/ledger";
import type { MarketAccountView, WithdrawalView } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { Row } from "./market-book.ts";
import type { MarketReading } from "./market-reading.ts";
import { contractViews } from "./pile-view.ts";
import { sessionViews } from "./session-view.ts";
import { orderViews, tradeViews, vehicleViews } from "./v2v-view.ts";

const listMax = 100;

/** undefined for a key that no account, authority or payment is of. */
export function accountView(
  reading: MarketReading,
  key: Uint8Array,
  nameOfVehicle: (key: Uint8Array) => string | undefined,
): MarketAccountView | undefined {
  const { state, chain, book } = reading;
  const holder = holderOf(state, key);
  const balance = balanceOf(state, key);
  if (holder === undefined && balance === 0 && chain.nonceOf(key) === 0) return undefined;
  const name = toHex(key);
  const own = { label: name, limit: listMax };
  return {
    key: name,
    chainId: toHex(chain.genesis.chainId),
    nonce: chain.nonceOf(key),
    balance,
    debt: sessionDebtOf(state, key),
    opened: holder !== undefined,
    suspended: holder?.suspended !== undefined,
    beans: beansOf(state, key),
    vehicles: vehicleViews(reading, key, nameOfVehicle),
    orders: orderViews(reading, own),
    trades: tradeViews(reading, own),
    sessions: sessionViews(reading, { key: name, before: Number.MAX_SAFE_INTEGER, limit: listMax }),
    contracts: contractViews(reading, own),
    withdrawals: book.newest("withdrawal", own).flatMap((row) => withdrawalView(reading, row)),
  };
}

function withdrawalView({ state }: MarketReading, row: Row): readonly WithdrawalView[] {
  const number = Number(row.id);
  const found = withdrawalOf(state, number);
  if (found === undefined) return [];
  const { amount, goal } = found;
  const { transaction, height, time_ms } = row;
  const address = goal.kind === "desk" ? null : `0x${toHex(goal.address)}`;
  const kind = goal.kind === "desk" ? "desk" : "ethereum";
  return [{ number, amount, kind, address, transaction, height, time_ms }];
}
