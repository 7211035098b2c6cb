import {
  checkpointAction,
  claimedOrigin,
  consortiumAction,
  decodeCheckpointSubmission,
  decodeEnrolment,
  decodeEntry,
  decodeEquivocation,
  decodeEventRecord,
  decodeFinalCheckpoint,
  decodeLogOpening,
  decodeProposal,
  decodeRotation,
  decodeSuccession,
  decodeVoted,
  deviceAction,
  type EventRecord,
  type KeyRotation,
  type KeySuccession,
  moduleNumber,
  parseLogOrigin,
  type Result,
  type Transaction,
  unitLogName,
} from "@voltfog/ledger";
import type { ChainField } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import { decodeAccused } from "./change-views.ts";
import { changeFields } from "./change-words.ts";
import { marketDataFields, marketPayloadFields } from "./market-fields.ts";

const minute_ms = 60_000;

/** A payload or a result's data of a known module and action. */
interface Content {
  readonly module: number;
  readonly action: number;
  readonly bytes: Uint8Array;
}

type Fields = readonly ChainField[];

/** What the sender asked for, field by field; its bytes where their form is not known here. */
export function payloadFields(transaction: Transaction, consortium: Consortium): Fields {
  const content = { ...transaction, bytes: transaction.payload };
  return payloadOf(content, consortium) ?? [field("bytes", toHex(content.bytes), "hex")];
}

/** What an OK result holds; empty for a refused one. */
export function dataFields(result: Result, consortium: Consortium): Fields {
  if (result.data.length === 0) return [];
  const content = { ...result, bytes: result.data };
  return dataOf(content, consortium) ?? [field("bytes", toHex(content.bytes), "hex")];
}

function payloadOf(content: Content, consortium: Consortium): Fields | undefined {
  const { action, bytes } = content;
  if (content.module >= moduleNumber.accounts) return marketPayloadFields(content);
  if (content.module === moduleNumber.consortium) return votePayload(content, consortium);
  if (content.module !== moduleNumber.checkpoints) return dataOf(content, consortium);
  if (action === checkpointAction.submit) {
    const decoded = decodeCheckpointSubmission(bytes);
    if (!decoded.ok) return undefined;
    const { note, path } = decoded.value;
    return [
      ...noteFields(note, consortium),
      field("consistency path", `${path.length} hashes from the last final size`),
    ];
  }
  const decoded = decodeLogOpening(bytes);
  if (action !== checkpointAction.open || !decoded.ok) return undefined;
  const { note, entry } = decoded.value;
  return [...noteFields(note, consortium), ...openingFields(entry, consortium)];
}

function dataOf({ module, action, bytes }: Content, consortium: Consortium): Fields | undefined {
  switch (module) {
    case moduleNumber.checkpoints: {
      const data = decodeFinalCheckpoint(bytes);
      if (!data.ok) return undefined;
      const { logId, size, root } = data.value;
      return [logField("log", logId, consortium), ...headFields({ size, root })];
    }
    case moduleNumber.events: {
      const data = decodeEventRecord(bytes);
      return data.ok ? eventFields(data.value) : undefined;
    }
    case moduleNumber.devices: {
      if (action !== deviceAction.rotate) return enrolmentFields(bytes);
      const data = decodeRotation(bytes);
      return data.ok ? rotationFields(data.value) : undefined;
    }
    case moduleNumber.validators: {
      const data = decodeSuccession(bytes);
      return data.ok ? successionFields(data.value, consortium) : undefined;
    }
    case moduleNumber.consortium:
      return voteData(action, bytes);
    default:
      return marketDataFields({ module, action, bytes });
  }
}

function votePayload({ action, bytes }: Content, consortium: Consortium): Fields | undefined {
  if (action === consortiumAction.propose) {
    const change = decodeProposal(bytes);
    return change.ok ? changeFields(change.value) : undefined;
  }
  if (action === consortiumAction.approve) return [field("change", toHex(bytes), "change")];
  const decoded = decodeEquivocation(bytes);
  if (!decoded.ok) return undefined;
  const { voteKey, first, second } = decoded.value;
  return [
    field("validator", consortium.nameOf(voteKey), "validator"),
    field("vote key", toHex(voteKey), "hex"),
    field("it signed", toHex(first.signed), "hex"),
    field("and signed", toHex(second.signed), "hex"),
  ];
}

function voteData(action: number, bytes: Uint8Array): Fields | undefined {
  if (action === consortiumAction.accuse) {
    const accused = decodeAccused(bytes);
    if (accused === undefined) return undefined;
    const { id, changeId } = accused;
    return [field("quarantined", id, "validator"), field("its removal", changeId, "change")];
  }
  const decoded = decodeVoted(bytes);
  if (!decoded.ok) return undefined;
  return [
    field("change", toHex(decoded.value.changeId), "change"),
    field("decided", decoded.value.decided ? "yes" : "not yet"),
  ];
}

function field(name: string, value: string, kind: ChainField["kind"] = "text"): ChainField {
  return { name, value, kind };
}

function time(name: string, time_ms: number): ChainField {
  return field(name, String(time_ms), "time");
}

/** A log by its name, by its id where it has none here. */
function logField(name: string, logId: Uint8Array, consortium: Consortium): ChainField {
  const log = consortium.unitOf(logId);
  return log === undefined ? field(name, toHex(logId), "hex") : field(name, log, "log");
}

function headFields(head: { size: number; root: Uint8Array }): Fields {
  return [field("size", `${head.size} entries`), field("root", toHex(head.root), "hex")];
}

/** The lines of a checkpoint note: whose log, its size and its root in base64. */
function noteFields(note: string, { genesis }: Consortium): Fields {
  const log = parseLogOrigin(claimedOrigin(note), genesis.chain);
  const [origin = "", size = "", root = ""] = note.split("\n");
  return [
    log === undefined ? field("log", origin) : field("log", unitLogName(log), "log"),
    field("size", `${size} entries`),
    field("root", root, "hex"),
  ];
}

function openingFields(entry: Uint8Array, consortium: Consortium): Fields {
  const decoded = decodeEntry(entry);
  if (!decoded.ok || decoded.value.kind !== "log-opened") return [];
  const { predecessor } = decoded.value;
  return [
    logField("takes the place of", predecessor.logId, consortium),
    field("whose last final size is", `${predecessor.size} entries`),
    field("with root", toHex(predecessor.root), "hex"),
  ];
}

function eventFields(event: EventRecord): Fields {
  return [
    field("event", toHex(event.eventId), "event"),
    field("class", event.class),
    field("state", event.state),
    field("level", String(event.level)),
    time("minute", event.timeBucket * minute_ms),
    field("vehicle's pseudonym", toHex(event.pseudonym), "hex"),
  ];
}

function enrolmentFields(bytes: Uint8Array): Fields | undefined {
  const decoded = decodeEnrolment(bytes);
  if (!decoded.ok) return undefined;
  const { kind, organisation, key, idCommitment, validFrom_ms, validTo_ms } = decoded.value;
  return [
    field("device", kind),
    field("organisation", organisation, "organisation"),
    field("key", toHex(key), "hex"),
    field("salted hash of its id", toHex(idCommitment), "hex"),
    time("valid from", validFrom_ms),
    time("valid to", validTo_ms),
  ];
}

function rotationFields({ oldKey, newKey, last }: KeyRotation): Fields {
  return [
    field("old key", toHex(oldKey), "hex"),
    field("new key", toHex(newKey), "hex"),
    field("last telemetry frame of the old key", String(last.telemetry)),
    field("last urgent frame of the old key", String(last.urgent)),
  ];
}

function successionFields({ oldKey, newKey }: KeySuccession, consortium: Consortium): Fields {
  return [
    field("validator", consortium.nameOf(oldKey), "validator"),
    field("old vote key", toHex(oldKey), "hex"),
    field("new vote key", toHex(newKey), "hex"),
  ];
}
