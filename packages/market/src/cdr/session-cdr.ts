import { toHex } from "@voltfog/runtime";
import type { SignedMeter } from "../receipt/metered-session.ts";
import type {
  OcpiCdr,
  OcpiCdrLocation,
  OcpiPrice,
  OcpiSignedData,
  OcpiTariff,
} from "./ocpi-cdr.ts";
import type { SettledSession } from "./settled-session.ts";

/** What the chain does not say and a record must: who the parties are to others, and in what money they count. */
export interface CdrContext {
  /** ISO 3166-1 alpha-2 and alpha-3. */
  readonly countryCode: string;
  readonly country: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Three letters or digits by which other networks know an organisation. */
  readonly partyIdOf: (organisation: string) => string;
}

/** OCPI's names of plugs by the union's numbers (docs/specs/chain.md); 7 and others: a household socket. */
const connectors: Readonly<Record<number, Connector>> = {
  1: { standard: "IEC_62196_T2", format: "SOCKET", current: "AC" },
  2: { standard: "IEC_62196_T2_COMBO", format: "CABLE", current: "DC" },
  3: { standard: "CHADEMO", format: "CABLE", current: "DC" },
  4: { standard: "IEC_62196_T1", format: "CABLE", current: "AC" },
  5: { standard: "GBT_AC", format: "CABLE", current: "AC" },
  6: { standard: "GBT_DC", format: "CABLE", current: "DC" },
};

interface Connector {
  readonly standard: string;
  readonly format: "SOCKET" | "CABLE";
  readonly current: "AC" | "DC";
}

const householdSocket: Connector = { standard: "DOMESTIC_F", format: "SOCKET", current: "AC" };
/** The most that one phase of a household or a public socket gives in Europe (32 A at 230 V). */
const singlePhase_W = 7400;
const notStated = "not stated";

/**
 * The record of a settled session, by the mapping of docs/specs/settlement.md. Money paid is the cost;
 * energy paid with beans costs nothing here and is named in the remark.
 */
export function cdrOf(
  session: SettledSession,
  { context, meter }: { context: CdrContext; meter?: SignedMeter },
): OcpiCdr {
  const { countryCode, currency } = context;
  const partyId = context.partyIdOf(session.operator);
  const begun = instant(session.started_ms);
  const energy_Wh = session.meterEnd_Wh - session.meterBegin_Wh;
  const time_h = round((session.ended_ms - session.started_ms) / 3_600_000);
  const tariff = tariffOf(session, context);
  // What beans did not pay is the money's; the fee comes on top where any money was paid for it.
  const fee = Math.min(session.sessionFee, session.cost);
  return {
    ...{ countryCode, partyId, id: session.sessionId },
    ...{ startDateTime: begun, endDateTime: instant(session.ended_ms) },
    sessionId: session.sessionId,
    cdrToken: {
      countryCode,
      partyId: context.partyIdOf(session.home),
      ...{ uid: session.driver.slice(0, 36), type: "APP_USER" },
      contractId: session.driver.slice(0, 36),
    },
    ...{ authMethod: "AUTH_REQUEST", authorizationReference: session.sessionId },
    cdrLocation: locationOf(session, context),
    currency,
    tariffs: [tariff],
    chargingPeriods: [
      {
        startDateTime: begun,
        dimensions: [
          { type: "ENERGY", volume: energy_Wh / 1000 },
          { type: "TIME", volume: time_h },
        ],
        tariffId: tariff.id,
      },
    ],
    ...(meter === undefined ? {} : { signedData: signedDataOf(meter, session) }),
    totalCost: price(session.cost),
    totalFixedCost: price(fee),
    totalEnergy: energy_Wh / 1000,
    totalEnergyCost: price(session.cost - fee),
    totalTime: time_h,
    remark: `${session.beans_Wh} Wh paid with beans; settled in block ${session.height} by transaction ${session.transaction}; meter ${session.meterHash}`,
    lastUpdated: instant(session.settled_ms),
  };
}

function locationOf(session: SettledSession, { country }: CdrContext): OcpiCdrLocation {
  const { pileId, power_W } = session;
  const { standard, format, current } = connectors[session.plugType] ?? householdSocket;
  return {
    ...{ id: pileId, name: pileId, address: notStated, city: notStated, country },
    coordinates: {
      latitude: session.latitude_deg.toFixed(6),
      longitude: session.longitude_deg.toFixed(6),
    },
    ...{ evseUid: pileId, evseId: pileId, connectorId: "1" },
    ...{ connectorStandard: standard, connectorFormat: format },
    connectorPowerType:
      current === "DC" ? "DC" : power_W > singlePhase_W ? "AC_3_PHASE" : "AC_1_PHASE",
  };
}

function tariffOf(session: SettledSession, context: CdrContext): OcpiTariff {
  const { countryCode, currency } = context;
  const { pricePerKWh, sessionFee, operator } = session;
  const partyId = context.partyIdOf(operator);
  return {
    ...{ countryCode, partyId, id: `${pricePerKWh}-${sessionFee}`, currency },
    elements: [
      {
        priceComponents: [
          { type: "ENERGY", price: pricePerKWh / 1e6, stepSize: 1 },
          { type: "FLAT", price: sessionFee / 1e6, stepSize: 1 },
        ],
      },
    ],
    lastUpdated: instant(session.started_ms),
  };
}

/**
 * The same session taken back: OCPI corrects no record but sends one with negative costs, and a new one
 * with what holds instead.
 */
export function creditOf(cdr: OcpiCdr, credited_ms: number): OcpiCdr {
  const { exclVat: total } = cdr.totalCost;
  return {
    ...cdr,
    ...{ id: `${cdr.id}-C`, credit: true, creditReferenceId: cdr.id },
    totalCost: { exclVat: -total },
    lastUpdated: instant(credited_ms),
  };
}

/** The record that holds after a credit: the same session at what was paid less the refund. */
export function correctedOf(
  session: SettledSession,
  options: { context: CdrContext; refund: number; corrected_ms: number },
): OcpiCdr {
  const { context, refund, corrected_ms } = options;
  const cdr = cdrOf({ ...session, cost: Math.max(0, session.cost - refund) }, { context });
  return { ...cdr, id: `${cdr.id}-R`, lastUpdated: instant(corrected_ms) };
}

function signedDataOf(
  { key, records }: SignedMeter,
  { meterBegin_Wh, meterEnd_Wh }: SettledSession,
): OcpiSignedData {
  return {
    ...{ encodingMethod: "OCMF", publicKey: toHex(key) },
    signedValues: records.map((text, at) => ({
      nature: records.length === 1 ? "Transaction" : `Part ${at + 1}`,
      plainData: `${meterBegin_Wh} Wh to ${meterEnd_Wh} Wh`,
      signedData: text,
    })),
  };
}

/** RFC 3339 in UTC, whole seconds: OCPI's DateTime. */
function instant(time_ms: number): string {
  return new Date(time_ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

function price(amount: number): OcpiPrice {
  return { exclVat: amount / 1e6 };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
