import {
  encodeAgreement,
  encodeCurveOrder,
  encodeLoadOrder,
  encodeMeetingPoints,
  encodeTariff,
  encodeTerms,
  type MeetingPoint,
  moduleNumber,
  pileAction,
  type Tariff,
  unionAction,
  v2vAction,
} from "@voltfog/ledger";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { parseNumber, parseWhole } from "../flag-values.ts";
import { readInputFile, readJsonObject } from "../input-file.ts";
import { parseAmount, parseEnergy_Wh } from "../market/amount-text.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../trade/operation.ts";
import { parsePosition } from "../trade/position-text.ts";
import type { AuthoritySession } from "./authority-session.ts";

const ppm = 1_000_000;
const zoneField: Field = {
  ...{ name: "zone", value: "n", isArgument: true },
  summary: "number of the zone",
  question: "Number of the zone",
};

/** What the authority sets for everybody. */
export const ruleOperations: readonly Operation<AuthoritySession>[] = [
  {
    name: "tariff",
    summary: "Set the one tariff of all charge points",
    explanation:
      "Holds for sessions that are authorised from the next block on, at every operator without an agreed tariff of its own.",
    example: "voltfog authority tariff --price 0.39 --fee 0.50",
    fields: [field("price", "price", "per kWh"), field("fee", "amount", "once per session", "0")],
    async run(session, values) {
      const tariff = tariffOf(values);
      const payload = encodeTariff(tariff);
      const action = unionAction.setTariff;
      const outcome = await session.order({ module: moduleNumber.union, action, payload });
      return ordered("the tariff holds", outcome, tariff);
    },
  },
  {
    name: "operator-tariff",
    summary: "Agree to an operator's own tariff",
    explanation:
      "Agrees to exactly this tariff, which the operator proposed; the chain refuses where it proposed another, TARIFF_DIFFERS.",
    example: "voltfog authority operator-tariff operator-1 --price 0.34 --fee 0.50",
    fields: [
      { ...field("organisation", "operator", "the operator"), isArgument: true },
      field("price", "price", "per kWh"),
      field("fee", "amount", "once per session", "0"),
    ],
    async run(session, values) {
      const payload = encodeTariff(tariffOf(values));
      const organisation = given(values, "organisation");
      const agreement = { organisation, tariffHash: nodeCrypto.sha256(payload) };
      const outcome = await session.order({
        module: moduleNumber.union,
        action: unionAction.agreeTariff,
        payload: encodeAgreement(agreement),
      });
      return ordered(`the tariff holds at ${organisation}`, outcome, { organisation });
    },
  },
  {
    name: "terms",
    summary: "Set rewards, promotion and deposits of the union",
    explanation:
      "What the proposer of a final block gets from the pool, the share for promotion on top, what of a deposit goes to the pool, and the least deposit.",
    example: "voltfog authority terms --reward 0.0008 --promotion 0.1 --pool 0.5 --deposit 50.00",
    fields: [
      field("reward", "amount", "for the proposer of each final block"),
      field("promotion", "0..1", "share of the reward for promotion, on top of it", "0.1"),
      field("pool", "0..1", "share of each deposit that goes to the pool", "0.5"),
      field("deposit", "amount", "the least deposit"),
    ],
    run: terms,
  },
  {
    name: "points",
    summary: "Set the meeting points from a GeoJSON file",
    explanation:
      "Replaces all meeting points by the points of a GeoJSON FeatureCollection. Each needs a property name; a property id keeps a point's number, and they rise.",
    example: "voltfog authority points points.geojson",
    fields: [
      {
        ...{ name: "file", value: "file", isArgument: true },
        summary: "GeoJSON FeatureCollection of points",
        question: "GeoJSON file of the points",
      },
    ],
    run: points,
  },
  {
    name: "curve",
    summary: "Set the price curve of a zone of private piles",
    explanation:
      "Price = reserve / (supply · weight): it rises as energy is bought and falls as it is sold. The catalogue is the grid's price by day and night, at which deviations are settled; the template is the text of the contracts, whose hash goes on the chain.",
    example:
      "voltfog authority curve 1 --reserve 300.00 --supply 2000kWh --weight 0.5 --valley 0.18 --peak 0.32 --peak-from 420 --peak-to 1260 --template terms.txt",
    fields: [
      zoneField,
      field("reserve", "amount", "money that backs the curve"),
      field("supply", "energy", "energy in circulation"),
      field("weight", "0..1", "weight of the reserve", "0.5"),
      field("valley", "price", "the grid's price per kWh at night"),
      field("peak", "price", "the grid's price per kWh by day"),
      field("peakFrom", "minute", "first minute of the day with the peak price", "420"),
      field("peakTo", "minute", "the minute at which it ends", "1260"),
      field("template", "file", "text of the contracts"),
    ],
    run: curve,
  },
  {
    name: "load",
    summary: "Say how loaded the grid of a zone is: the price follows",
    explanation: "The load is a share of what the grid can carry, 0 to 1.",
    example: "voltfog authority load 1 --share 0.72",
    fields: [zoneField, field("share", "0..1", "of what the grid can carry")],
    async run(session, values) {
      const share = parseNumber({ flag: "--share", text: given(values, "share"), min: 0, max: 1 });
      const outcome = await session.order({
        module: moduleNumber.piles,
        action: pileAction.load,
        payload: encodeLoadOrder({ zone: zoneOf(values), loadPpm: Math.round(share * ppm) }),
      });
      return ordered(`zone ${zoneOf(values)} is at ${Math.round(share * 100)} %`, outcome);
    },
  },
];

function field(name: string, value: string, summary: string, fallback?: string): Field {
  const question = summary.charAt(0).toUpperCase() + summary.slice(1);
  return { name, value, summary, question, ...(fallback === undefined ? {} : { fallback }) };
}

function tariffOf(values: FieldValues): Tariff {
  return {
    pricePerKWh: parseAmount({ flag: "--price", text: given(values, "price"), zero: true }),
    sessionFee: parseAmount({ flag: "--fee", text: given(values, "fee"), zero: true }),
  };
}

function zoneOf(values: FieldValues): number {
  return parseWhole({ flag: "zone", text: given(values, "zone"), min: 0, max: 4_294_967_295 });
}

async function terms(session: AuthoritySession, values: FieldValues): Promise<Answer> {
  const share = (name: string): number =>
    Math.round(ppm * parseNumber({ flag: `--${name}`, text: given(values, name), min: 0, max: 1 }));
  const amount = (name: string): number =>
    parseAmount({ flag: `--${name}`, text: given(values, name), zero: true });
  const outcome = await session.order({
    module: moduleNumber.union,
    action: unionAction.setTerms,
    payload: encodeTerms({
      rewardPerBlock: amount("reward"),
      promotionSharePpm: share("promotion"),
      poolSharePpm: share("pool"),
      depositMin: amount("deposit"),
    }),
  });
  return ordered("the terms hold", outcome);
}

async function points(session: AuthoritySession, values: FieldValues): Promise<Answer> {
  const list = readMeetingPoints(given(values, "file"));
  const outcome = await session.order({
    module: moduleNumber.v2v,
    action: v2vAction.meetingPoints,
    payload: encodeMeetingPoints(list),
  });
  return ordered(`${list.length} meeting points hold`, outcome, { points: list.length });
}

/** The points of a GeoJSON file (RFC 7946). GEOJSON_INVALID. */
function readMeetingPoints(file: string): readonly MeetingPoint[] {
  const { features } = readJsonObject(file);
  if (!Array.isArray(features)) throw noPoints(file, "it has no features");
  return features.map((feature: unknown, place) => {
    const { geometry, properties } = (feature ?? {}) as {
      geometry?: { type?: unknown; coordinates?: unknown };
      properties?: { name?: unknown; id?: unknown };
    };
    const at = geometry?.type === "Point" ? geometry.coordinates : undefined;
    const { name, id = place + 1 } = properties ?? {};
    const isWhole = Number.isSafeInteger(id) && typeof name === "string" && name !== "";
    if (!Array.isArray(at) || at.length < 2 || !isWhole) {
      throw noPoints(file, `feature ${place + 1} is no point with a name`);
    }
    const position = parsePosition(`${Number(at[0])},${Number(at[1])}`);
    return { id: Number(id), name: String(name), position };
  });
}

function noPoints(file: string, why: string): Error {
  return complaint({
    code: "GEOJSON_INVALID",
    what: `${file}: ${why}`,
    remedy: "give a FeatureCollection of Points, each with a property name (RFC 7946)",
  });
}

async function curve(session: AuthoritySession, values: FieldValues): Promise<Answer> {
  const price = (flag: string): number =>
    parseAmount({ flag: `--${flag}`, text: given(values, flag) });
  const minute = (flag: string, name: string): number =>
    parseWhole({ flag, text: given(values, name), min: 0, max: 1440 });
  const weight = parseNumber({
    flag: "--weight",
    text: given(values, "weight"),
    min: 1e-6,
    max: 1,
  });
  const outcome = await session.order({
    module: moduleNumber.piles,
    action: pileAction.curve,
    payload: encodeCurveOrder({
      zone: zoneOf(values),
      reserve: price("reserve"),
      supply_Wh: parseEnergy_Wh({ flag: "--supply", text: given(values, "supply") }),
      crrPpm: Math.round(weight * ppm),
      catalogue: {
        valleyPricePerKWh: price("valley"),
        peakPricePerKWh: price("peak"),
        peakFrom_min: minute("--peak-from", "peakFrom"),
        peakTo_min: minute("--peak-to", "peakTo"),
      },
      template: nodeCrypto.sha256(readInputFile(given(values, "template"))),
    }),
  });
  return ordered(`zone ${zoneOf(values)} has a curve`, outcome);
}
