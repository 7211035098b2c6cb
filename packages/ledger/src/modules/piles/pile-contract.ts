import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { groupKeysMax, type PileWindow } from "./pile-orders.ts";

/**
 * proposed: a trade made it, signatures are missing; signed: by both; metered: both meters agree; disputed:
 * they do not, or a party says so; settled: paid; complete: exported and acknowledged; void: nothing was
 * delivered, all money went back.
 */
export type PileContractState =
  | "proposed"
  | "signed"
  | "metered"
  | "disputed"
  | "settled"
  | "complete"
  | "void";

/** Who did something: the buyer, the pile's owner, both, or nobody yet. */
export interface BothSides {
  readonly buyer: boolean;
  readonly owner: boolean;
}

/** How a contract ended: what was delivered, and who got what of the locked money. */
export interface PileSettlement {
  /** What counts as delivered from pile to vehicle. */
  readonly delivered_Wh: number;
  /** Contracted but not delivered: sold to the grid at the catalogue price. */
  readonly toGrid_Wh: number;
  /** Delivered beyond the contract: bought from the grid at the catalogue price. */
  readonly fromGrid_Wh: number;
  /** What the owner got, and what went back to the buyer; together all that was locked. */
  readonly paid: number;
  readonly returned: number;
  readonly time_ms: number;
}

/** Of a ring signature that confirmed: for whom, and the image of the key that made it. */
export interface SideImage {
  readonly side: "buyer" | "owner";
  readonly image: Uint8Array;
}

export interface PileContractRecord {
  readonly state: PileContractState;
  readonly buyer: Uint8Array;
  readonly owner: Uint8Array;
  readonly pileKey: Uint8Array;
  readonly zone: number;
  readonly energy_Wh: number;
  /** What the energy costs, and what is locked beside it for energy beyond the contract. */
  readonly cost: number;
  readonly margin: number;
  readonly window: PileWindow;
  /** The grid's price in this window, at which deviations are settled. */
  readonly cataloguePricePerKWh: number;
  /** What the owner's fixed tariff would have cost. */
  readonly baselineCost: number;
  /** Of the curve whose price it has; 0 where a limit order set the price. */
  readonly curveGeneration: number;
  readonly template: Uint8Array;
  readonly buyOrder: Uint8Array;
  /** 16 zero bytes where no sell order was there: a market order took idle time. */
  readonly sellOrder: Uint8Array;
  readonly made_ms: number;
  readonly signed: BothSides;
  /** Of the pile's meter and the buyer's; undefined before they came. */
  readonly given_Wh: number | undefined;
  readonly received_Wh: number | undefined;
  readonly confirmed: BothSides;
  /** Ring signatures that confirmed, each key once. */
  readonly images: readonly SideImage[];
  readonly settlement: PileSettlement | undefined;
  /** Of the row that the settlement desk exported. */
  readonly rowHash: Uint8Array | undefined;
}

const version = 1;
const states: readonly PileContractState[] = [
  "proposed",
  "signed",
  "metered",
  "disputed",
  "settled",
  "complete",
  "void",
];
const imagesMax = 2 * groupKeysMax;

function writeSides(writer: ByteWriter, { buyer, owner }: BothSides): void {
  writer.u8((buyer ? 1 : 0) + (owner ? 2 : 0));
}

function readSides(reader: ByteReader): BothSides {
  const bits = reader.u8();
  if (bits > 3) reader.fail(`sides ${bits}`);
  return { buyer: (bits & 1) !== 0, owner: (bits & 2) !== 0 };
}

/** u8 0, or u8 1 and the value. */
function writeMaybe<T>(writer: ByteWriter, value: T | undefined, write: (value: T) => void): void {
  writer.u8(value === undefined ? 0 : 1);
  if (value !== undefined) write(value);
}

function readMaybe<T>(reader: ByteReader, read: () => T): T | undefined {
  const flag = reader.u8();
  if (flag > 1) reader.fail(`flag ${flag}`);
  return flag === 1 ? read() : undefined;
}

function readImage(reader: ByteReader): SideImage {
  const side = reader.u8();
  if (side !== 1 && side !== 2) reader.fail(`side ${side}`);
  return { side: side === 1 ? "buyer" : "owner", image: reader.raw(33) };
}

export function writePileContract(writer: ByteWriter, contract: PileContractRecord): ByteWriter {
  const { window } = contract;
  writer.u8(states.indexOf(contract.state)).raw(contract.buyer).raw(contract.owner);
  writer.raw(contract.pileKey).u32(contract.zone).u64(contract.energy_Wh);
  writer.u64(contract.cost).u64(contract.margin).u64(window.from_ms).u64(window.to_ms);
  writer.u64(contract.cataloguePricePerKWh).u64(contract.baselineCost);
  writer.u32(contract.curveGeneration).raw(contract.template);
  writer.raw(contract.buyOrder).raw(contract.sellOrder).u64(contract.made_ms);
  writeSides(writer, contract.signed);
  writeMaybe(writer, contract.given_Wh, (value) => writer.u64(value));
  writeMaybe(writer, contract.received_Wh, (value) => writer.u64(value));
  writeSides(writer, contract.confirmed);
  writer.u32(contract.images.length);
  for (const { side, image } of contract.images) writer.u8(side === "buyer" ? 1 : 2).raw(image);
  writeMaybe(writer, contract.settlement, (one) => {
    writer.u64(one.delivered_Wh).u64(one.toGrid_Wh).u64(one.fromGrid_Wh);
    writer.u64(one.paid).u64(one.returned).u64(one.time_ms);
  });
  writeMaybe(writer, contract.rowHash, (value) => writer.raw(value));
  return writer;
}

export function readPileContract(reader: ByteReader): PileContractRecord {
  const place = reader.u8();
  return {
    state: states[place] ?? reader.fail(`state ${place}`),
    buyer: reader.raw(32),
    owner: reader.raw(32),
    pileKey: reader.raw(32),
    zone: reader.u32(),
    energy_Wh: reader.u64(),
    cost: reader.u64(),
    margin: reader.u64(),
    window: { from_ms: reader.u64(), to_ms: reader.u64() },
    cataloguePricePerKWh: reader.u64(),
    baselineCost: reader.u64(),
    curveGeneration: reader.u32(),
    template: reader.raw(32),
    buyOrder: reader.raw(16),
    sellOrder: reader.raw(16),
    made_ms: reader.u64(),
    signed: readSides(reader),
    given_Wh: readMaybe(reader, () => reader.u64()),
    received_Wh: readMaybe(reader, () => reader.u64()),
    confirmed: readSides(reader),
    images: reader.list({ limit: imagesMax, read: readImage }),
    settlement: readMaybe(reader, () => ({
      delivered_Wh: reader.u64(),
      toGrid_Wh: reader.u64(),
      fromGrid_Wh: reader.u64(),
      paid: reader.u64(),
      returned: reader.u64(),
      time_ms: reader.u64(),
    })),
    rowHash: readMaybe(reader, () => reader.raw(32)),
  };
}

export function encodePileContract(contract: PileContractRecord): Uint8Array {
  return writePileContract(new ByteWriter().u8(version), contract).finish();
}

export function decodePileContract(
  bytes: Uint8Array,
): Outcome<PileContractRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a contract");
    return readPileContract(reader);
  });
}
