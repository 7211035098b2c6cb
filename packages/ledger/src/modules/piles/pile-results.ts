import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { type PileContractRecord, readPileContract, writePileContract } from "./pile-contract.ts";
import { bookMax, type PileOrderRecord, readPileOrder, writePileOrder } from "./pile-records.ts";

export interface NumberedContract {
  readonly contractId: Uint8Array;
  readonly contract: PileContractRecord;
}

export interface NumberedOrder {
  readonly orderId: Uint8Array;
  readonly order: PileOrderRecord;
}

/** What market-buy, limit and cancel did: every order that changed, the sender's first, and new contracts. */
export interface PileTradeResult {
  readonly orders: readonly NumberedOrder[];
  readonly contracts: readonly NumberedContract[];
}

/** Contracts that one order may make. */
export const fillsMax = 8;
const version = 1;
/** The sender's, the filled and, at the most, all that had expired in two books. */
const ordersMax = 1 + fillsMax + 2 * bookMax;

function writeContract(writer: ByteWriter, { contractId, contract }: NumberedContract): void {
  writePileContract(writer.raw(contractId), contract);
}

function readContract(reader: ByteReader): NumberedContract {
  return { contractId: reader.raw(16), contract: readPileContract(reader) };
}

/** The result's data of every action that is about one contract. */
export function encodeContractResult(result: NumberedContract): Uint8Array {
  const writer = new ByteWriter().u8(version);
  writeContract(writer, result);
  return writer.finish();
}

export function decodeContractResult(
  bytes: Uint8Array,
): Outcome<NumberedContract, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a result");
    return readContract(reader);
  });
}

export function encodeTradeResult({ orders, contracts }: PileTradeResult): Uint8Array {
  const writer = new ByteWriter().u8(version).u32(orders.length);
  for (const { orderId, order } of orders) writePileOrder(writer.raw(orderId), order);
  writer.u32(contracts.length);
  for (const one of contracts) writeContract(writer, one);
  return writer.finish();
}

export function decodeTradeResult(bytes: Uint8Array): Outcome<PileTradeResult, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a result");
    const orders = reader.list({
      limit: ordersMax,
      read: (one) => ({ orderId: one.raw(16), order: readPileOrder(one) }),
    });
    return { orders, contracts: reader.list({ limit: fillsMax, read: readContract }) };
  });
}
