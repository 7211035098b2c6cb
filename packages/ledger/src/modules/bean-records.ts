import { concatBytes, decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { organisationsMax } from "../genesis/genesis.ts";
import { beanClaimName, beanEnvelopeName, beanIssuerName, beansName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { readId } from "./consortium-change.ts";
import { readVersioned, writeVersioned } from "./versioned.ts";

/** Beans of one issuer that an account holds; 1,000 Wh are one bean. */
export interface BeanHolding {
  readonly organisation: string;
  readonly energy_Wh: number;
}

/** What an operator has issued, for everyone to see. */
export interface BeanIssuer {
  /** Held by accounts, locked in sessions or waiting in envelopes. */
  readonly outstanding_Wh: number;
  /** All that ever were; issued = outstanding + redeemed + taken back. */
  readonly issued_Wh: number;
  readonly redeemed_Wh: number;
  /** Of its offer; 0 while it sells none. */
  readonly pricePerKWh: number;
}

/** A red envelope as it stands. */
export interface EnvelopeRecord {
  readonly organisation: string;
  readonly energy_Wh: number;
  readonly shares: number;
  readonly untilHeight: number;
  /** What was not claimed; both 0 once it is closed. */
  readonly left_Wh: number;
  readonly sharesLeft: number;
}

const noBeans: BeanIssuer = { outstanding_Wh: 0, issued_Wh: 0, redeemed_Wh: 0, pricePerKWh: 0 };

/** All beans of an account, by issuer in the order of their ids. */
export function beansOf(state: StateTree, account: Uint8Array): readonly BeanHolding[] {
  return recordAt(state, beansName(account), decodeBeans) ?? [];
}

/** Beans of one issuer [Wh]. */
export function beansFrom(state: StateTree, account: Uint8Array, organisation: string): number {
  const holding = beansOf(state, account).find((one) => one.organisation === organisation);
  return holding?.energy_Wh ?? 0;
}

export function beanIssuerOf(state: StateTree, organisation: string): BeanIssuer {
  return recordAt(state, beanIssuerName(organisation), decodeBeanIssuer) ?? noBeans;
}

export function envelopeOf(state: StateTree, id: Uint8Array): EnvelopeRecord | undefined {
  return recordAt(state, beanEnvelopeName(id), decodeEnvelope);
}

/** What an account drew from an envelope [Wh]; undefined while it did not. */
export function beanClaimOf(
  state: StateTree,
  claim: { id: Uint8Array; account: Uint8Array },
): number | undefined {
  return recordAt(state, beanClaimName(claim), decodeBeanClaim);
}

/** u8 1 · list of { text organisation · u64 energy_Wh above 0 }, ids ascending. */
export function encodeBeans(holdings: readonly BeanHolding[]): Uint8Array {
  const writer = writeVersioned().u32(holdings.length);
  for (const { organisation, energy_Wh } of holdings) writer.text(organisation).u64(energy_Wh);
  return writer.finish();
}

export function decodeBeans(bytes: Uint8Array): Outcome<readonly BeanHolding[], MalformedProblem> {
  return readVersioned(bytes, (reader) => {
    let last = "";
    return reader.list({
      limit: organisationsMax,
      read: () => {
        const holding = { organisation: readId(reader), energy_Wh: reader.u64() };
        if (holding.organisation <= last) reader.fail("issuers are not ascending");
        if (holding.energy_Wh === 0) reader.fail("a holding of nothing");
        last = holding.organisation;
        return holding;
      },
    });
  });
}

/** u8 1 · u64 outstanding_Wh · u64 issued_Wh · u64 redeemed_Wh · u64 price per kWh. */
export function encodeBeanIssuer(issuer: BeanIssuer): Uint8Array {
  const { outstanding_Wh, issued_Wh, redeemed_Wh, pricePerKWh } = issuer;
  return writeVersioned()
    .u64(outstanding_Wh)
    .u64(issued_Wh)
    .u64(redeemed_Wh)
    .u64(pricePerKWh)
    .finish();
}

export function decodeBeanIssuer(bytes: Uint8Array): Outcome<BeanIssuer, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    outstanding_Wh: reader.u64(),
    issued_Wh: reader.u64(),
    redeemed_Wh: reader.u64(),
    pricePerKWh: reader.u64(),
  }));
}

/** u8 1 · text organisation · u64 energy_Wh · u32 shares · u64 until height · u64 left_Wh · u32 shares left. */
export function encodeEnvelope(record: EnvelopeRecord): Uint8Array {
  return writeVersioned()
    .text(record.organisation)
    .u64(record.energy_Wh)
    .u32(record.shares)
    .u64(record.untilHeight)
    .u64(record.left_Wh)
    .u32(record.sharesLeft)
    .finish();
}

export function decodeEnvelope(bytes: Uint8Array): Outcome<EnvelopeRecord, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readId(reader),
    energy_Wh: reader.u64(),
    shares: reader.u32(),
    untilHeight: reader.u64(),
    left_Wh: reader.u64(),
    sharesLeft: reader.u32(),
  }));
}

/** Data of an OK of envelope and close: raw16 id · its record as it then stands. */
export interface EnvelopeResult {
  readonly id: Uint8Array;
  readonly envelope: EnvelopeRecord;
}

export function encodeEnvelopeResult({ id, envelope }: EnvelopeResult): Uint8Array {
  return concatBytes(id, encodeEnvelope(envelope));
}

export function decodeEnvelopeResult(bytes: Uint8Array): Outcome<EnvelopeResult, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const id = reader.raw(16);
    const record = decodeEnvelope(reader.raw(reader.remaining));
    return record.ok ? { id, envelope: record.value } : reader.fail(record.problem.detail);
  });
}

/** u8 1 · u64 energy_Wh. */
export function encodeBeanClaim(energy_Wh: number): Uint8Array {
  return writeVersioned().u64(energy_Wh).finish();
}

export function decodeBeanClaim(bytes: Uint8Array): Outcome<number, MalformedProblem> {
  return readVersioned(bytes, (reader) => reader.u64());
}

function recordAt<T>(
  state: StateTree,
  name: string,
  decode: (bytes: Uint8Array) => Outcome<T, MalformedProblem>,
): T | undefined {
  const value = state.get(name);
  const decoded = value && decode(value);
  return decoded?.ok ? decoded.value : undefined;
}
