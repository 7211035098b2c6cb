import type { MalformedProblem, Outcome } from "@voltfog/runtime";
import { readId } from "./consortium-change.ts";
import { readOptional, readVersioned, writeOptional, writeVersioned } from "./versioned.ts";

/** Actions of module 9; docs/specs/payments.md says who sends which. */
export const beanAction = {
  rebate: 1,
  offer: 2,
  buy: 3,
  gift: 4,
  envelope: 5,
  claim: 6,
  close: 7,
} as const;

/** Beans that an operator gives to an account. */
export interface BeanRebate {
  readonly account: Uint8Array;
  readonly energy_Wh: number;
}

export interface BeanPurchase {
  readonly organisation: string;
  readonly energy_Wh: number;
  /** The most that the buyer pays; the offer's price is what it pays. */
  readonly pricePerKWh: number;
}

export interface BeanGift extends BeanRebate {
  readonly organisation: string;
}

/** A red envelope: beans in shares that accounts draw, one each. */
export interface BeanEnvelope {
  /** 16 bytes of the operator's choice. */
  readonly id: Uint8Array;
  readonly energy_Wh: number;
  readonly shares: number;
  /** The last block that may hold a claim. */
  readonly untilHeight: number;
}

/** u8 1 · raw32 account · u64 energy_Wh. */
export function encodeRebate({ account, energy_Wh }: BeanRebate): Uint8Array {
  return writeVersioned().raw(account).u64(energy_Wh).finish();
}

export function decodeRebate(bytes: Uint8Array): Outcome<BeanRebate, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({ account: reader.raw(32), energy_Wh: reader.u64() }));
}

/** u8 1 · u64 price per kWh; 0 ends the sale. */
export function encodeBeanOffer(pricePerKWh: number): Uint8Array {
  return writeVersioned().u64(pricePerKWh).finish();
}

export function decodeBeanOffer(bytes: Uint8Array): Outcome<number, MalformedProblem> {
  return readVersioned(bytes, (reader) => reader.u64());
}

/** u8 1 · text organisation · u64 energy_Wh · u64 highest price per kWh. */
export function encodeBeanPurchase(purchase: BeanPurchase): Uint8Array {
  const { organisation, energy_Wh, pricePerKWh } = purchase;
  return writeVersioned().text(organisation).u64(energy_Wh).u64(pricePerKWh).finish();
}

export function decodeBeanPurchase(bytes: Uint8Array): Outcome<BeanPurchase, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readId(reader),
    energy_Wh: reader.u64(),
    pricePerKWh: reader.u64(),
  }));
}

/** u8 1 · text organisation · raw32 account · u64 energy_Wh. */
export function encodeBeanGift({ organisation, account, energy_Wh }: BeanGift): Uint8Array {
  return writeVersioned().text(organisation).raw(account).u64(energy_Wh).finish();
}

export function decodeBeanGift(bytes: Uint8Array): Outcome<BeanGift, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readId(reader),
    account: reader.raw(32),
    energy_Wh: reader.u64(),
  }));
}

/** u8 1 · raw16 id · u64 energy_Wh · u32 shares · u64 until height. */
export function encodeBeanEnvelope(envelope: BeanEnvelope): Uint8Array {
  const { id, energy_Wh, shares, untilHeight } = envelope;
  return writeVersioned().raw(id).u64(energy_Wh).u32(shares).u64(untilHeight).finish();
}

export function decodeBeanEnvelope(bytes: Uint8Array): Outcome<BeanEnvelope, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    id: reader.raw(16),
    energy_Wh: reader.u64(),
    shares: reader.u32(),
    untilHeight: reader.u64(),
  }));
}

/** u8 1 · raw16 id: claim and close. */
export function encodeEnvelopeName(id: Uint8Array): Uint8Array {
  return writeVersioned().raw(id).finish();
}

export function decodeEnvelopeName(bytes: Uint8Array): Outcome<Uint8Array, MalformedProblem> {
  return readVersioned(bytes, (reader) => reader.raw(16));
}

/** Data of an OK of rebate, buy, gift and claim: beans that reached an account. */
export interface BeanMovement {
  readonly organisation: string;
  readonly account: Uint8Array;
  readonly energy_Wh: number;
  /** Money that the account paid for them [millionths]. */
  readonly amount: number;
  /** The envelope that they were drawn from. */
  readonly envelopeId: Uint8Array | undefined;
}

/** u8 1 · text organisation · raw32 account · u64 energy_Wh · u64 amount · u8 0, or u8 1 · raw16 envelope. */
export function encodeBeanMovement(movement: BeanMovement): Uint8Array {
  const writer = writeVersioned()
    .text(movement.organisation)
    .raw(movement.account)
    .u64(movement.energy_Wh)
    .u64(movement.amount);
  writeOptional(writer, movement.envelopeId, (w, id) => w.raw(id));
  return writer.finish();
}

export function decodeBeanMovement(bytes: Uint8Array): Outcome<BeanMovement, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readId(reader),
    account: reader.raw(32),
    energy_Wh: reader.u64(),
    amount: reader.u64(),
    envelopeId: readOptional(reader, (r) => r.raw(16)),
  }));
}
