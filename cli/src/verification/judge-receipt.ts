import { type ReceiptProblem, type VerifiedReceipt, verifyReceipt } from "@voltfog/ledger";
import { type Outcome, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { amountText, energyText } from "../market/amount-text.ts";

/** Whether a file is a receipt rather than a bundle, by its first byte. */
export function isReceipt(bytes: Uint8Array): boolean {
  return bytes[0] === "{".charCodeAt(0);
}

/** Whether a receipt holds, with trust in the genesis file alone. GENESIS_INVALID, GENESIS_OTHER_CHAIN. */
export function judgeReceipt(options: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
  genesisName: string;
}): Outcome<VerifiedReceipt, ReceiptProblem> {
  const { genesisName } = options;
  const verdict = verifyReceipt({ ...options, crypto: nodeCrypto });
  if (verdict.ok) return verdict;
  const remedy = "name the genesis.json of the consortium that settled the session";
  if (verdict.problem.code === "GENESIS_INVALID") {
    const what = `${genesisName} is no genesis file: ${verdict.problem.detail}`;
    throw complaint({ code: "GENESIS_INVALID", what, remedy });
  }
  if (verdict.problem.code === "WRONG_GENESIS") {
    const what = `the receipt is of another chain than ${genesisName}`;
    throw complaint({ code: "GENESIS_OTHER_CHAIN", what, remedy });
  }
  return verdict;
}

/** Why a receipt that is genuine is still no proof of what was charged; undefined where it is. */
export function disagreementOf({ vehicle }: VerifiedReceipt): string | undefined {
  if (vehicle === undefined || vehicle.agreement.agrees) return undefined;
  const { charger_Wh, pack_Wh, least_Wh, most_Wh } = vehicle.agreement;
  const [charger, pack, least, most] = [charger_Wh, pack_Wh, least_Wh, most_Wh].map(energyText);
  return `the charge point counted ${charger}, the vehicle ${pack}; ${least} to ${most} would agree: dispute the session`;
}

/** What a verified receipt says, as `--json` prints it: hex for bytes. */
export function receiptFacts(receipt: VerifiedReceipt): Readonly<Record<string, unknown>> {
  const { session, settlement, meter, vehicle } = receipt;
  const disagreement = disagreementOf(receipt);
  return {
    ok: disagreement === undefined,
    ...(disagreement === undefined ? {} : { code: "ENERGY_DISAGREES", detail: disagreement }),
    kind: "receipt",
    session: {
      id: toHex(receipt.sessionId),
      state: receipt.state,
      operator: session.organisation,
      driver: toHex(session.driver),
      chargePoint: toHex(session.chargePoint),
      tariff: { pricePerKWh: session.pricePerKWh, sessionFee: session.sessionFee },
    },
    settlement: { ...settlement, receiptHash: toHex(settlement.receiptHash) },
    meter,
    vehicle:
      vehicle === undefined
        ? null
        : { key: toHex(vehicle.key), linked: vehicle.isLinked, ...vehicle.agreement },
    transaction: { hash: toHex(receipt.txHash), resultIndex: receipt.resultIndex },
    block: { height: receipt.height, time_ms: receipt.time_ms, epoch: receipt.epoch },
    signers: receipt.signers.map(({ id, organisation }) => ({ id, organisation })),
  };
}

/** The same for a person: a few lines. */
export function receiptText(receipt: VerifiedReceipt): string {
  const { session, settlement, meter } = receipt;
  const { pricePerKWh, sessionFee, organisation } = session;
  const settled = new Date(settlement.settled_ms).toISOString();
  const isSince = receipt.state === "settled" ? "" : `, ${receipt.state} since`;
  const disagreement = disagreementOf(receipt);
  return [
    `verified: session ${toHex(receipt.sessionId)} of ${organisation}, settled ${settled}${isSince}`,
    `  meter       ${meter.meterSerial} signed ${energyText(meter.begin.register_Wh)} to ${energyText(meter.end.register_Wh)}`,
    `  tariff      ${amountText(pricePerKWh)} per kWh and ${amountText(sessionFee)} for the session`,
    `  paid        ${amountText(settlement.paid)} for ${energyText(settlement.energy_Wh)}${beansText(settlement.beans_Wh)}`,
    vehicleLine(receipt),
    `  final in    block ${settlement.height}, result ${receipt.resultIndex}, proven by block ${receipt.height} of ${new Date(receipt.time_ms).toISOString()}`,
    `  certified   by ${receipt.signers.map(({ id }) => id).join(", ")}`,
    ...(disagreement === undefined ? [] : [`not agreed: ENERGY_DISAGREES: ${disagreement}`]),
  ].join("\n");
}

function beansText(beans_Wh: number): string {
  return beans_Wh === 0 ? "" : `, ${energyText(beans_Wh)} of it with beans`;
}

function vehicleLine({ vehicle }: VerifiedReceipt): string {
  if (vehicle === undefined) return "  vehicle     no count of its own is in this receipt";
  const whose = vehicle.isLinked ? "the driver's" : "not linked to the driver on the chain";
  const key = toHex(vehicle.key).slice(0, 16);
  return `  vehicle     ${key}… (${whose}) counted ${energyText(vehicle.agreement.pack_Wh)}`;
}
