import {
  accountAction,
  beanAction,
  checkpointAction,
  consortiumAction,
  decodeBlock,
  decodeEnrolment,
  decodeEventRecord,
  decodeFinalCheckpoint,
  decodeResult,
  decodeSuccession,
  decodeVoted,
  deviceAction,
  eventAction,
  moduleNumber,
  pileAction,
  type Result,
  sessionAction,
  unionAction,
  v2vAction,
  validatorAction,
} from "@voltfog/ledger";
import type { TransactionView } from "@voltfog/messages";
import { assert, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import { decodeAccused } from "./change-views.ts";
import { marketSentence } from "./market-sentences.ts";

/** Actions of each module by name. */
const actions: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  checkpoints: checkpointAction,
  events: eventAction,
  devices: deviceAction,
  validators: validatorAction,
  consortium: consortiumAction,
  accounts: accountAction,
  union: unionAction,
  sessions: sessionAction,
  beans: beanAction,
  piles: pileAction,
  v2v: v2vAction,
};

/** What a stored block's transactions did, in words and in order. */
export function resultViews(
  stored: { readonly block: Uint8Array; readonly results: readonly Uint8Array[] },
  consortium: Consortium,
): readonly TransactionView[] {
  const block = decodeBlock(stored.block);
  assert(block.ok, "a stored block decodes");
  const firstIndex = block.value.header.resultsSize - stored.results.length;
  return stored.results.map((bytes, at) =>
    transactionView({ bytes, index: firstIndex + at, consortium }),
  );
}

/** A stored result in words. */
export function transactionView(options: {
  bytes: Uint8Array;
  index: number;
  consortium: Consortium;
}): TransactionView {
  const result = storedResult(options);
  const sender = options.consortium.nameOf(result.sender);
  const { module, action } = wordsOf(result);
  return {
    height: result.height,
    txIndex: result.txIndex,
    index: options.index,
    hash: toHex(result.txHash),
    sender,
    module,
    action,
    code: result.code,
    sentence:
      result.code === "OK"
        ? sentenceOf(result, options.consortium)
        : refusalSentence({ sender, action, code: result.code }),
  };
}

function refusalSentence(refused: { sender: string; action: string; code: string }): string {
  const what = `${refused.sender}'s ${refused.action}`;
  // A unit that has not heard of its record yet sends it once more: no fault, and nothing is lost.
  if (refused.code === "DUPLICATE") return `${what} changed nothing: it was recorded already.`;
  return `${what} was refused: ${refused.code}.`;
}

/** A result out of the store, which decoded when it was stored. */
export function storedResult(stored: { bytes: Uint8Array; index: number }): Result {
  const decoded = decodeResult(stored.bytes);
  if (!decoded.ok) throw new Error(`stored result ${stored.index}: ${decoded.problem.detail}`);
  return decoded.value;
}

/** Module and action by name, by number where they have none here. */
export function wordsOf(call: { module: number; action: number }): {
  readonly module: string;
  readonly action: string;
} {
  const module =
    Object.entries(moduleNumber).find(([, number]) => number === call.module)?.[0] ??
    `module ${call.module}`;
  const known = Object.entries(actions[module] ?? {});
  const action = known.find(([, number]) => number === call.action)?.[0] ?? `action ${call.action}`;
  return { module, action };
}

type Sentence = (result: Result, consortium: Consortium) => string | undefined;

/** In words what an OK result did, by the module's number. */
const sentences: ReadonlyMap<number, Sentence> = new Map<number, Sentence>([
  [moduleNumber.checkpoints, checkpointSentence],
  [moduleNumber.events, eventSentence],
  [moduleNumber.devices, deviceSentence],
  [moduleNumber.validators, successionSentence],
  [moduleNumber.consortium, voteSentence],
]);

function sentenceOf(result: Result, consortium: Consortium): string {
  return sentences.get(result.module)?.(result, consortium) ?? marketSentence(result) ?? "Done.";
}

function checkpointSentence({ action, data }: Result, consortium: Consortium): string | undefined {
  const decoded = decodeFinalCheckpoint(data);
  if (!decoded.ok) return undefined;
  const log = consortium.unitOf(decoded.value.logId) ?? "an unknown unit";
  if (action === checkpointAction.open) return `The log ${log} was opened.`;
  const { size } = decoded.value;
  return size === 1
    ? `The first entry of ${log}'s log became final.`
    : `The first ${size} entries of ${log}'s log became final.`;
}

function eventSentence({ data }: Result): string | undefined {
  const decoded = decodeEventRecord(data);
  if (!decoded.ok) return undefined;
  return `${decoded.value.class} of level ${decoded.value.level} was ${decoded.value.state}.`;
}

function deviceSentence({ action, data }: Result): string | undefined {
  if (action === deviceAction.rotate) return "A vehicle changed its key.";
  const decoded = decodeEnrolment(data);
  if (!decoded.ok) return undefined;
  const did = action === deviceAction.enrol ? "enrolled" : "revoked";
  return `A ${decoded.value.kind} of ${decoded.value.organisation} was ${did}.`;
}

function successionSentence({ data }: Result, consortium: Consortium): string | undefined {
  const decoded = decodeSuccession(data);
  if (!decoded.ok) return undefined;
  return `${consortium.nameOf(decoded.value.newKey)} votes with a new key.`;
}

function voteSentence(
  { action, data, sender }: Result,
  consortium: Consortium,
): string | undefined {
  const voter = consortium.nameOf(sender);
  if (action === consortiumAction.accuse) {
    const accused = decodeAccused(data);
    return accused && `${accused.id} signed contradicting votes and is in quarantine.`;
  }
  const decoded = decodeVoted(data);
  if (!decoded.ok) return undefined;
  const did = action === consortiumAction.propose ? "proposed" : "approved";
  const change = toHex(decoded.value.changeId).slice(0, 8);
  return `${voter} ${did} the change ${change}${decoded.value.decided ? ", and it is decided" : ""}.`;
}
