import { accepted, type Outcome, refused } from "@voltfog/runtime";
import { FieldReader } from "./book-fields.ts";
import { type BookProblem, catchProblem, fault } from "./book-problem.ts";
import { type BuyTerms, compareIds, type OrderId, type SellTerms } from "./open-order.ts";
import type { Position } from "./position.ts";

/** A book file as it is read: docs/specs/v2v.md says the format. */
export interface MatchBook {
  readonly feePerKWh: number;
  /** In the order of their ids. */
  readonly meetingPoints: readonly { readonly id: OrderId; readonly position: Position }[];
  /** As they arrive. */
  readonly orders: readonly (BuyTerms | SellTerms)[];
}

const ordersMax = 200_000;
const pointsMax = 2000;
const pairsMax = 20_000_000;
const energyMax_Wh = 1_000_000_000;
const priceMax = 1_000_000_000;
const useMax_Wh = 5000;
const ignoredMax = 10;

/**
 * Reads a book from parsed JSON; the first thing that is wrong refuses all of it. `ignored` names up to ten
 * fields that the format does not have.
 */
export function decodeMatchBook(
  json: unknown,
): Outcome<{ book: MatchBook; ignored: readonly string[] }, BookProblem> {
  const read = catchProblem(() => readBook(json));
  return "problem" in read ? refused(read.problem) : accepted(read.value);
}

function readBook(json: unknown): { book: MatchBook; ignored: readonly string[] } {
  const fields = new FieldReader(json, "");
  const ignored: string[] = [];
  const note = (reader: FieldReader): void => {
    if (ignored.length < ignoredMax) ignored.push(...reader.unread());
  };
  if (fields.has("version") && fields.whole("version", { max: 1e9 }) !== 1) {
    fault("VERSION_UNKNOWN", "version", "this reads version 1");
  }
  const kind = coordinatesOf(fields);
  const rules = fields.object("rules");
  const feePerKWh = rules.whole("feePerKWh", { min: 1, max: 999_999 });
  note(rules);
  const ids = new Set<OrderId>();
  const meetingPoints = fields.list("meetingPoints", pointsMax).map((value, i) => {
    const reader = new FieldReader(value, `meetingPoints[${i}]`);
    const point = { id: uniqueId(reader, ids), position: reader.position(kind) };
    note(reader);
    return point;
  });
  const listed = fields.list("orders", ordersMax);
  if (listed.length * meetingPoints.length > pairsMax) {
    fault("LIMIT_EXCEEDED", "orders", `orders times meeting points, at most ${pairsMax}`);
  }
  const orders = readOrders(listed, kind, note);
  note(fields);
  meetingPoints.sort((a, b) => compareIds(a.id, b.id));
  return { book: { feePerKWh, meetingPoints, orders }, ignored: ignored.slice(0, ignoredMax) };
}

function coordinatesOf(fields: FieldReader): Position["kind"] {
  const kind = fields.text("coordinates");
  if (kind === "earth" || kind === "plane") return kind;
  return fault("TYPE_WRONG", "coordinates", 'coordinates are "earth" or "plane"');
}

function readOrders(
  listed: readonly unknown[],
  kind: Position["kind"],
  note: (reader: FieldReader) => void,
): (BuyTerms | SellTerms)[] {
  const ids = new Set<OrderId>();
  let isTimed: boolean | undefined;
  let last_ms = 0;
  return listed.map((value, i) => {
    const reader = new FieldReader(value, `orders[${i}]`);
    const hasTime = reader.has("time_ms");
    isTimed ??= hasTime;
    if (isTimed !== hasTime) {
      fault("FIELD_MISSING", reader.at("time_ms"), "either every order has a time_ms or none");
    }
    const time_ms = hasTime ? reader.whole("time_ms", { max: Number.MAX_SAFE_INTEGER }) : i;
    if (time_ms < last_ms) {
      fault("TIME_BACKWARDS", reader.at("time_ms"), `${time_ms} comes after ${last_ms}`);
    }
    last_ms = time_ms;
    const order = readOrder(reader, { kind, ids, arrival: time_ms });
    note(reader);
    return order;
  });
}

function readOrder(
  reader: FieldReader,
  options: { kind: Position["kind"]; ids: Set<OrderId>; arrival: number },
): BuyTerms | SellTerms {
  const { kind, ids, arrival } = options;
  const side = reader.text("side");
  const base = {
    id: uniqueId(reader, ids),
    owner: reader.has("account") ? `${reader.id("account")}` : undefined,
    arrival,
    energy_Wh: reader.whole("energy_Wh", { min: 1, max: energyMax_Wh }),
    ownPricePerKWh: reader.whole("ownPricePerKWh", { max: priceMax }),
    milliWhPerKm: reader.thousandths("usePerKm_Wh", { max: useMax_Wh }),
    position: reader.position(kind),
  };
  if (side === "buy") {
    const isLimited = reader.has("maxPricePerKWh");
    const maxPricePerKWh = isLimited
      ? reader.whole("maxPricePerKWh", { max: priceMax }) || undefined
      : undefined;
    const funds = reader.whole("funds", { max: Number.MAX_SAFE_INTEGER });
    return { ...base, side, maxPricePerKWh, funds };
  }
  if (side === "sell") {
    const pricePerKWh = reader.whole("pricePerKWh", { max: priceMax });
    return {
      ...base,
      side,
      pricePerKWh,
      spare_Wh: reader.whole("spare_Wh", { max: energyMax_Wh }),
    };
  }
  return fault("SIDE_UNKNOWN", reader.at("side"), 'a side is "buy" or "sell"');
}

function uniqueId(reader: FieldReader, ids: Set<OrderId>): OrderId {
  const id = reader.id("id");
  if (ids.has(id)) fault("ID_REPEATED", reader.at("id"), `${JSON.stringify(id)} is there twice`);
  ids.add(id);
  return id;
}
