import {
  accountAction,
  encodeChargePointRequest,
  encodeDeposit,
  encodeJoin,
  encodeMeetingPoints,
  encodeNomination,
  encodeOpening,
  encodeTariff,
  encodeTerms,
  encodeVehicleLink,
  handleHashOf,
  moduleNumber,
  signChargePoint,
  signJoin,
  signOpening,
  signVehicleLink,
  unionAction,
  v2vAction,
} from "@voltfog/ledger";
import { type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { voteSigner } from "../consensus/bench-validator.ts";
import { authority, type Order, operator, type Person } from "./market-people.ts";
import type { Neighbours } from "./trading-load.ts";

/** What everybody starts with, in millionths. */
const startBalance = 1_000_000_000_000;
export const organisation = "bench";
const usePerKm_Wh = 160;
export const tariff = { pricePerKWh: 400_000, sessionFee: 500_000 } as const;
/** No rewards: then money moves by the people's orders alone. */
const terms = { rewardPerBlock: 0, promotionSharePpm: 0, poolSharePpm: 0, depositMin: 1 } as const;
export const plugType = 2;
const place = { plugType, power_W: 350_000, latitude: 48_000_000, longitude: 2_000_000 } as const;

/** What has to be final before anybody charges, in stages: each rests on the one before. */
export function foundation(o: {
  chainId: Uint8Array;
  validators: number;
  people: readonly Person[];
}): readonly (readonly Order[])[] {
  const holders = [...o.people.map(({ signer }) => signer), operator];
  return [
    nominations(o.validators),
    [...holders.flatMap((signer) => account(o.chainId, signer)), ...unionTerms()],
    [join(o.chainId)],
    o.people.map((one, i) => chargePoint(o.chainId, one, i)),
  ];
}

/** What has to be final before these trade; those who did before have no meeting points any more. */
export function arrival(o: {
  chainId: Uint8Array;
  neighbours: readonly Neighbours[];
}): readonly (readonly Order[])[] {
  const traders = tradersOf(o.neighbours);
  return [
    [...traders.flatMap(({ signer }) => account(o.chainId, signer)), towns(o.neighbours)],
    traders.map((one) => vehicleLink(o.chainId, one)),
  ];
}

export function tradersOf(neighbours: readonly Neighbours[]): readonly Person[] {
  return neighbours.flatMap(({ seller, buyer }) => [seller, buyer]);
}

/** Who may open accounts and pay into them. */
export function nominations(validators: number): Order[] {
  return Array.from({ length: validators }, (_, index) => ({
    by: voteSigner(index),
    module: moduleNumber.accounts,
    action: accountAction.nameAuthority,
    payload: encodeNomination(authority.publicKey),
  }));
}

/** Opened and paid into. */
function account(chainId: Uint8Array, signer: Signer): Order[] {
  const about = { by: authority, module: moduleNumber.accounts };
  const opening = signOpening({
    ...{ chainId, signer, handleHash: handleHashOf(toHex(signer.publicKey).slice(0, 32), crypto) },
  });
  const deposit = {
    account: signer.publicKey,
    amount: startBalance,
    depositId: crypto.sha256(signer.publicKey),
  };
  return [
    { ...about, action: accountAction.open, payload: encodeOpening(opening) },
    { ...about, action: accountAction.deposit, payload: encodeDeposit(deposit) },
  ];
}

function unionTerms(): Order[] {
  const about = { by: authority, module: moduleNumber.union };
  return [
    { ...about, action: unionAction.setTerms, payload: encodeTerms(terms) },
    { ...about, action: unionAction.setTariff, payload: encodeTariff(tariff) },
  ];
}

/** A meeting point at every home, each once. */
export function towns(neighbours: readonly Neighbours[]): Order {
  const homes = new Map(neighbours.map(({ home }) => [JSON.stringify(home), home]));
  const points = [...homes.values()].map((position, i) => ({
    ...{ id: i + 1, name: `point ${i + 1}`, position },
  }));
  const payload = encodeMeetingPoints(points);
  return { by: authority, module: moduleNumber.v2v, action: v2vAction.meetingPoints, payload };
}

function vehicleLink(chainId: Uint8Array, { signer, vehicle }: Person): Order {
  const link = signVehicleLink({ chainId, account: signer.publicKey, usePerKm_Wh, vehicle });
  const payload = encodeVehicleLink(link);
  return { by: signer, module: moduleNumber.v2v, action: v2vAction.linkVehicle, payload };
}

function join(chainId: Uint8Array): Order {
  const joined = signJoin({ chainId, organisation, deposit: 1_000_000, term: 1, signer: operator });
  const payload = encodeJoin(joined);
  return { by: voteSigner(0), module: moduleNumber.union, action: unionAction.join, payload };
}

function chargePoint(chainId: Uint8Array, { chargePoint: signer }: Person, index: number): Order {
  const point = { ...place, pileId: `bench-${index}` };
  const payload = encodeChargePointRequest(
    signChargePoint({ chainId, organisation, point, signer }),
  );
  return {
    by: operator,
    module: moduleNumber.union,
    action: unionAction.addChargePoint,
    payload,
  };
}
