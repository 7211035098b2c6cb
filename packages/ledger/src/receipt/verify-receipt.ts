import {
  type EnergyAgreement,
  energyAgreement,
  type MeteredSession,
  type MeterProblem,
  meterHash,
  readMeter,
} from "@voltfog/market";
import {
  accepted,
  type Crypto,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  toHex,
} from "@voltfog/runtime";
import {
  type ChainEvidence,
  type EvidenceProblem,
  verifyChainEvidence,
} from "../chain/chain-evidence.ts";
import type { Result } from "../chain/result.ts";
import { type Genesis, parseGenesis, type Validator } from "../genesis/genesis.ts";
import { moduleNumber } from "../modules/module.ts";
import { sessionAction } from "../modules/session-payloads.ts";
import {
  decodeSession,
  decodeSessionResult,
  encodeSession,
  type SessionRecord,
  type SessionSettlement,
} from "../modules/session-record.ts";
import { decodeLinkedVehicle } from "../modules/v2v-records.ts";
import { v2vVehicleName } from "../modules/v2v-state.ts";
import { verifyEnergyStatement } from "../modules/v2v-statement.ts";
import { sessionName } from "../state/names.ts";
import { decodeReceipt, type Receipt, type ReceiptFormProblem } from "./receipt.ts";

/** What a receipt shows, once every part of it was checked. */
export interface VerifiedReceipt {
  readonly sessionId: Uint8Array;
  /** As it was settled, and as it stands by the receipt's block: perhaps disputed or resolved since. */
  readonly session: SessionRecord;
  readonly settlement: SessionSettlement;
  readonly state: SessionRecord["state"];
  /** Index of the settling result, and the transaction. */
  readonly resultIndex: number;
  readonly txHash: Uint8Array;
  readonly meter: MeteredSession;
  /** undefined where the receipt holds no count of a vehicle. */
  readonly vehicle:
    | {
        readonly key: Uint8Array;
        /** Whether the chain says that the vehicle is the driver's. */
        readonly isLinked: boolean;
        readonly agreement: EnergyAgreement;
      }
    | undefined;
  /** The block whose header proves all of it. */
  readonly height: number;
  readonly time_ms: number;
  readonly epoch: number;
  readonly signers: readonly Validator[];
}

export interface ReceiptProblem extends Problem {
  readonly code:
    | "GENESIS_INVALID"
    | "WRONG_GENESIS"
    | ReceiptFormProblem["code"]
    | EvidenceProblem["code"]
    | MeterProblem["code"]
    | "RECEIPT_LACKS"
    | "METER_NOT_SETTLED"
    | "METER_OTHER_SESSION"
    | "METER_DIFFERS"
    | "VEHICLE_SIGNATURE_INVALID";
  readonly detail: string;
}

const settlingActions: readonly number[] = [sessionAction.settle, sessionAction.settleOffline];

/**
 * Checks a receipt with nothing but the consortium's genesis file, in the order of docs/specs/receipt.md;
 * the first thing that fails names the problem. That charger and vehicle counted differently is no such
 * failure: it is a fact that the signatures prove. Costs Q + 1 Ed25519 verifications and one ECDSA
 * verification for each record of the meter.
 */
export function verifyReceipt(options: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
  crypto: Crypto;
}): Outcome<VerifiedReceipt, ReceiptProblem> {
  const { crypto } = options;
  const genesis = parseGenesis(options.genesisBytes, crypto);
  if (!genesis.ok)
    return problem("GENESIS_INVALID", genesis.problem.detail ?? genesis.problem.code);
  const receipt = decodeReceipt(options.bytes);
  if (!receipt.ok) return receipt;
  const { evidence } = receipt.value;
  const proven = verifyChainEvidence({ evidence, genesis: genesis.value, crypto });
  if (!proven.ok) {
    const { code, detail } = proven.problem;
    return problem(code === "EVIDENCE_OTHER_CHAIN" ? "WRONG_GENESIS" : code, detail);
  }
  const settled = settledBy(receipt.value);
  if (typeof settled === "string") return problem("RECEIPT_LACKS", settled);
  const meter = checkMeter(receipt.value, { ...settled, crypto });
  if (!meter.ok) return meter;
  const vehicle = checkVehicle(receipt.value, {
    ...{ session: settled.session, meter: meter.value, genesis: genesis.value, crypto },
  });
  if (!vehicle.ok) return vehicle;
  const { height, time_ms, epoch } = evidence.header;
  return accepted({
    ...{ sessionId: receipt.value.sessionId, ...settled, meter: meter.value },
    ...{ vehicle: vehicle.value, height, time_ms, epoch, signers: proven.value.signers },
  });
}

interface Settled {
  readonly session: SessionRecord;
  readonly settlement: SessionSettlement;
  readonly state: SessionRecord["state"];
  readonly resultIndex: number;
  readonly txHash: Uint8Array;
}

/** What the evidence says of the session, or what it lacks for that. */
function settledBy({ sessionId, evidence }: Receipt): Settled | string {
  const [proof, ...others] = evidence.results;
  if (proof === undefined || others.length > 0) return "the evidence holds not one result";
  const { result, index: resultIndex } = proof;
  if (!isSettling(result)) return "the evidence's result settles no session";
  const decoded = decodeSessionResult(result.data);
  if (!decoded.ok) return `the result: ${decoded.problem.detail}`;
  const { session } = decoded.value;
  const { settlement } = session;
  if (!equalBytes(decoded.value.sessionId, sessionId)) return "the result is of another session";
  if (settlement === undefined) return "the result settles nothing";
  const current = currentOf(evidence, sessionId);
  if (typeof current === "string") return current;
  if (!isSameSettlement(session, current)) return "the state holds another settlement";
  return { session, settlement, state: current.state, resultIndex, txHash: result.txHash };
}

function isSettling({ module, action, code }: Result): boolean {
  return module === moduleNumber.sessions && settlingActions.includes(action) && code === "OK";
}

function currentOf(evidence: ChainEvidence, sessionId: Uint8Array): SessionRecord | string {
  const [claim] = evidence.names;
  if (claim?.name !== sessionName(sessionId) || claim.value === undefined) {
    return "the evidence lacks the session's record";
  }
  const record = decodeSession(claim.value);
  return record.ok ? record.value : `the session's record: ${record.problem.detail}`;
}

/** Only what a dispute adds may differ between the settling result and the record of later. */
function isSameSettlement(then: SessionRecord, now: SessionRecord): boolean {
  const plain = (one: SessionRecord): Uint8Array =>
    encodeSession({
      ...one,
      ...{ state: "settled", dispute: undefined, resolution: undefined },
      ...(one.settlement === undefined
        ? {}
        : { settlement: { ...one.settlement, shortfall: 0, paid: 0 } }),
    });
  return equalBytes(plain(then), plain(now));
}

function checkMeter(
  { sessionId, meter }: Receipt,
  { session, settlement, crypto }: Settled & { crypto: Crypto },
): Outcome<MeteredSession, ReceiptProblem> {
  if (!equalBytes(meterHash(meter, crypto), settlement.receiptHash)) {
    return problem("METER_NOT_SETTLED", "the session was not settled with these signed values");
  }
  const read = readMeter(meter);
  if (!read.ok) return read;
  const { identification, begin, end } = read.value;
  if (identification.toLowerCase() !== toHex(sessionId)) {
    return problem(
      "METER_OTHER_SESSION",
      `the signed values are for ${JSON.stringify(identification)}`,
    );
  }
  const { start_Wh, last_Wh } = session.meter ?? { start_Wh: 0, last_Wh: 0 };
  if (begin.register_Wh !== start_Wh || end.register_Wh !== last_Wh) {
    const detail = `the meter signed ${begin.register_Wh} to ${end.register_Wh} Wh, the chain settled ${start_Wh} to ${last_Wh} Wh`;
    return problem("METER_DIFFERS", detail);
  }
  return read;
}

function checkVehicle(
  { sessionId, vehicle, evidence }: Receipt,
  known: { session: SessionRecord; meter: MeteredSession; genesis: Genesis; crypto: Crypto },
): Outcome<VerifiedReceipt["vehicle"], ReceiptProblem> {
  if (vehicle === undefined) return accepted(undefined);
  const { session, meter, genesis, crypto } = known;
  const { key, energy_Wh: pack_Wh } = vehicle;
  const isSigned = verifyEnergyStatement({
    statement: { ...vehicle, tradeId: sessionId, side: "received" },
    ...{ chainId: genesis.chainId, vehicle: key, crypto },
  });
  if (!isSigned) return problem("VEHICLE_SIGNATURE_INVALID", "its key did not sign this count");
  const link = evidence.names.find(({ name }) => name === v2vVehicleName(key));
  const linked = link?.value && decodeLinkedVehicle(link.value);
  const isLinked = linked?.ok === true && equalBytes(linked.value.account, session.driver);
  const agreement = energyAgreement({ charger_Wh: meter.energy_Wh, pack_Wh });
  return accepted({ key, isLinked, agreement });
}

function problem(
  code: ReceiptProblem["code"],
  detail: string,
): ReturnType<typeof refused<ReceiptProblem>> {
  return refused({ code, detail });
}
