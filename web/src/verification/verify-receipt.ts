import { portableCrypto, type VerifiedReceipt, verifyReceipt as verified } from "@voltfog/ledger";
import { energy, exactMoney, exactPrice } from "../market/amount-words.ts";
import { stateWords } from "../market/state-words.ts";
import { hex } from "./hex.ts";

/** What this browser found out by itself about one receipt. */
export interface ReceiptVerdict {
  readonly verified: boolean;
  readonly reason: string;
  /** Name and value of each fact that the receipt proves. */
  readonly facts: readonly (readonly [string, string])[];
  readonly restsOn: readonly string[];
  /** Hash of the settling transaction. */
  readonly transaction: string | undefined;
}

/** Checks a receipt with nothing but the genesis file that this browser keeps. */
export function verifyReceipt(o: {
  readonly receipt: Uint8Array;
  readonly genesis: Uint8Array;
  readonly currency: string;
}): ReceiptVerdict {
  const verdict = verified({
    bytes: o.receipt,
    genesisBytes: o.genesis,
    crypto: portableCrypto,
  });
  if (!verdict.ok) {
    const reason = `${verdict.problem.code}: ${verdict.problem.detail}`;
    return { verified: false, reason, facts: [], restsOn: [], transaction: undefined };
  }
  const found = verdict.value;
  const { settlement, session } = found;
  return {
    verified: true,
    reason: `${energy(settlement.energy_Wh)} at ${session.organisation} for ${exactMoney(settlement.paid, o.currency)}, final by block ${found.height}`,
    facts: facts(found, o.currency),
    restsOn: [
      "the genesis file that this browser keeps, with the validators' first keys",
      `less than a third of the vote keys of epoch ${found.epoch} being in dishonest hands`,
      "the meter's key, which the receipt names, being that of the charge point",
      "SHA-256, Ed25519 and ECDSA",
    ],
    transaction: hex(found.txHash),
  };
}

function facts(found: VerifiedReceipt, currency: string): ReceiptVerdict["facts"] {
  const { session, settlement, vehicle, state } = found;
  const time = (time_ms: number): string => new Date(time_ms).toISOString();
  return [
    ["session", hex(found.sessionId)],
    ["driver", hex(session.driver)],
    ["charge point", `${hex(session.chargePoint)} of ${session.organisation}`],
    [
      "tariff",
      `${exactPrice(session.pricePerKWh, currency)} and ${exactMoney(session.sessionFee, currency)} a session`,
    ],
    ["meter", `${energy(settlement.energy_Wh)}, signed values that the chain settled`],
    ["paid", `${exactMoney(settlement.paid, currency)}, ${energy(settlement.beans_Wh)} with beans`],
    ["settled", `${time(settlement.settled_ms)} in block ${settlement.height}`],
    ["state now", stateWords(state).words],
    ["vehicle's own count", vehicleWords(vehicle)],
  ];
}

function vehicleWords(vehicle: VerifiedReceipt["vehicle"]): string {
  if (vehicle === undefined) return "none in this receipt";
  const link = vehicle.isLinked
    ? "the driver's linked vehicle"
    : "a vehicle not linked on the chain";
  return `signed by ${hex(vehicle.key)}, ${link}: ${agreementWords(vehicle.agreement)}`;
}

type Agreement = NonNullable<VerifiedReceipt["vehicle"]>["agreement"];

/** Charger and pack, and whether they differ by no more than charging loses. */
function agreementWords({ charger_Wh, pack_Wh, least_Wh, most_Wh, agrees }: Agreement): string {
  const counts = `${energy(charger_Wh)} at the charger, ${energy(pack_Wh)} into the pack`;
  return agrees
    ? `${counts}, which agree`
    : `${counts}, which disagree: ${energy(least_Wh)} to ${energy(most_Wh)} would be usual`;
}
