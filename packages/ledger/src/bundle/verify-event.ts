import { accepted, type Outcome, refused, toHex } from "@voltfog/runtime";
import { type EventRecord, encodeEventRecord, eventAction } from "../modules/events.ts";
import { moduleNumber } from "../modules/module.ts";
import { type EventDetail, readEventDetail } from "./event-detail.ts";
import type { FrameFacts } from "./frame-opener.ts";
import type { Verification } from "./verification.ts";
import type { BundleProblem, VerifiedEvent } from "./verified-bundle.ts";
import { isUnitResult } from "./verify-results.ts";

/** Detail → event id → result of the same unit; detail → the frame it rests on. undefined without an event. */
export function verifyEvent(
  options: Verification & { facts: FrameFacts; commitment: Uint8Array },
): Outcome<VerifiedEvent | undefined, BundleProblem> {
  const { bundle, crypto } = options;
  const { event } = bundle;
  if (event === undefined) return accepted(undefined);
  const read = readEventDetail(event.detail);
  if (!read.ok) {
    const detail = read.problem.detail ?? read.problem.code;
    return refused({ code: "EVENT_MALFORMED", detail });
  }
  const wrong = frameProblem({ ...options, detail: read.value });
  if (wrong !== undefined) return refused(wrong);
  const { class: eventClass, state, level, content } = read.value;
  const { timeBucket, pseudonym, detail, height, resultIndex, txHash } = event;
  const id = crypto.sha256(event.salt, detail);
  const record: EventRecord = {
    class: eventClass,
    state,
    level,
    timeBucket,
    pseudonym,
    eventId: id,
  };
  const final = isUnitResult({
    ...options,
    place: event,
    module: moduleNumber.events,
    action: eventAction.record,
    data: encodeEventRecord(record),
  });
  if (!final) {
    const missing = `no such event of ${bundle.unit.id} among the results of block ${bundle.header.height}`;
    return refused({ code: "EVENT_NOT_FINAL", detail: missing });
  }
  const place = { height, resultIndex, txHash };
  const said = { class: eventClass, state, level, detail, content, timeBucket, pseudonym };
  return accepted({ id, ...said, ...place });
}

function frameProblem(
  options: Verification & { facts: FrameFacts; commitment: Uint8Array; detail: EventDetail },
): BundleProblem | undefined {
  const { bundle, facts, detail } = options;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["vehicle", detail.vehicleId, facts.vehicleId],
    ["unit", detail.unitId, bundle.unit.id],
    ["stream", detail.frame["stream"], facts.stream],
    ["sequence", detail.frame["sequence"], facts.sequence],
    ["commitment", detail.frame["commitment"], toHex(options.commitment)],
  ];
  const differing = pairs.find(([, said, shown]) => said !== shown);
  if (differing === undefined) return undefined;
  const [what, said, shown] = differing;
  const text = `the event names ${what} ${String(said)}, the frame is of ${String(shown)}`;
  return { code: "EVENT_OTHER_FRAME", detail: text };
}
