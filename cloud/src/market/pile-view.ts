import { pileContract, pileCurve, pileGroup, pileOf, pileOrder, pileZones } from "@voltfog/ledger";
import { loadedCost, loadFactorPpm, spotPrice } from "@voltfog/market";
import type {
  MarketPileView,
  PileContractDetailView,
  PileContractView,
  PileCurveView,
  PileGroupView,
  PileMarketView,
  PileOrderView,
} from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import type { Row, RowQuery } from "./market-book.ts";
import type { MarketReading } from "./market-reading.ts";

const listMax = 200;
const million = 1_000_000;
const isOpen = ({ status }: Row): boolean => status === "open";

/** All curves, and the newest open piles and orders. */
export function pileMarketView(reading: MarketReading): PileMarketView {
  const { state, book } = reading;
  const open = { where: isOpen, limit: listMax };
  return {
    curves: pileZones(state).flatMap((zone) => curveView(reading, zone)),
    piles: book.newest("pile", open).flatMap((row) => pileView(reading, row)),
    orders: book.newest("pile-order", open).flatMap((row) => orderView(reading, row)),
  };
}

export function contractViews(
  reading: MarketReading,
  query: RowQuery,
): readonly PileContractView[] {
  return reading.book.newest("contract", query).flatMap((row) => contractView(reading, row));
}

/** With the groups that confirm for its sides; undefined for a contract that the book does not list. */
export function contractDetailView(
  reading: MarketReading,
  id: string,
): PileContractDetailView | undefined {
  const row = reading.book.row("contract", id);
  const [view] = row === undefined ? [] : contractView(reading, row);
  if (view === undefined) return undefined;
  const [buyerGroup, ownerGroup] = [
    groupView(reading, id, "buyer"),
    groupView(reading, id, "owner"),
  ];
  return { ...view, buyerGroup, ownerGroup };
}

function groupView(
  { state }: MarketReading,
  id: string,
  side: "buyer" | "owner",
): PileGroupView | null {
  const contract = pileContract(state, bytesOf(id));
  const group = contract && pileGroup(state, contract[side]);
  if (group === undefined) return null;
  const { threshold, keys } = group;
  const confirmed = contract?.images.filter((one) => one.side === side).length ?? 0;
  return { threshold, keys: keys.map(toHex), confirmed };
}

function curveView({ state, chain }: MarketReading, zone: number): readonly PileCurveView[] {
  const curve = pileCurve(state, zone);
  if (curve === undefined) return [];
  const { reserve, supply_Wh, crrPpm, catalogue, loadPpm, loadTime_ms } = curve;
  return [
    {
      ...{ zone, reserve, supply_Wh, weight: crrPpm / million },
      load: loadPpm / million,
      loadTime_ms,
      pricePerKWh: loadedCost(spotPrice(curve), loadFactorPpm(curve, chain.head.header.time_ms)),
      cataloguePeakPricePerKWh: catalogue.peakPricePerKWh,
      catalogueValleyPricePerKWh: catalogue.valleyPricePerKWh,
    },
  ];
}

function pileView({ state }: MarketReading, row: Row): readonly MarketPileView[] {
  const pile = pileOf(state, bytesOf(row.id));
  if (pile === undefined) return [];
  const { zone, power_W, floorPricePerKWh, windows, ...terms } = pile.terms;
  const { peakPricePerKWh, valleyPricePerKWh } = terms;
  return [
    {
      ...{ key: row.id, owner: toHex(pile.owner), zone, power_W, windows },
      ...{ floorPricePerKWh, peakPricePerKWh, valleyPricePerKWh },
      booked: pile.bookings.map(({ contractId, window }) => ({
        ...{ contract: toHex(contractId), from_ms: window.from_ms, to_ms: window.to_ms },
      })),
    },
  ];
}

function orderView({ state }: MarketReading, row: Row): readonly PileOrderView[] {
  const order = pileOrder(state, bytesOf(row.id));
  if (order === undefined) return [];
  const { zone, side, energy_Wh, filled_Wh, pricePerKWh, expiry_ms } = order;
  return [
    {
      ...{ id: row.id, zone, side, key: toHex(order.account), energy_Wh },
      left_Wh: energy_Wh - filled_Wh,
      ...{ pricePerKWh, expiry_ms, state: order.state },
    },
  ];
}

function contractView({ state }: MarketReading, row: Row): readonly PileContractView[] {
  const contract = pileContract(state, bytesOf(row.id));
  if (contract === undefined) return [];
  const { id, index, transaction, height, time_ms } = row;
  const { settlement, window } = contract;
  return [
    {
      id,
      index,
      pile: toHex(contract.pileKey),
      buyer: toHex(contract.buyer),
      seller: toHex(contract.owner),
      zone: contract.zone,
      energy_Wh: contract.energy_Wh,
      cost: contract.cost,
      margin: contract.margin,
      cataloguePricePerKWh: contract.cataloguePricePerKWh,
      template: toHex(contract.template),
      baselineCost: contract.baselineCost,
      from_ms: window.from_ms,
      to_ms: window.to_ms,
      state: contract.state,
      given_Wh: contract.given_Wh ?? null,
      received_Wh: contract.received_Wh ?? null,
      delivered_Wh: settlement?.delivered_Wh ?? null,
      paid: settlement?.paid ?? null,
      returned: settlement?.returned ?? null,
      signedByBuyer: contract.signed.buyer,
      signedByOwner: contract.signed.owner,
      confirmedByBuyer: contract.confirmed.buyer,
      confirmedByOwner: contract.confirmed.owner,
      rowHash: contract.rowHash === undefined ? null : toHex(contract.rowHash),
      ...{ transaction, height, time_ms },
    },
  ];
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
