import type { EventView } from "../api/responses.ts";
import type { MoveHistory, MoveView } from "./history.ts";
import type { AttachmentView, Placements } from "./placements.ts";
import { path, sentenceOf, unknown } from "./step-draft.ts";
import type { Draft, EventEvidence } from "./step-view.ts";

/** How the function was selected for the vehicle. */
export function selected(evidence: EventEvidence): Draft {
  const { event, changeBefore, placements } = evidence;
  const { vehicleId, functionId } = event;
  const where = { vehicleId, functionId, functionVersion: event.functionVersion };
  if ("missing" in placements && changeBefore === undefined) {
    const why = `how ${functionId} was selected for ${vehicleId}`;
    return unknown("select", `Nothing is known of ${why}: ${placements.missing}.`, where);
  }
  const details = "missing" in placements ? [] : selectionDetails(evidence, placements);
  const change = event.class === "function-change" ? event : changeBefore;
  if (change !== undefined) {
    return {
      ...path("select", change.recorded_ms, "unit"),
      ...{ standing: true, sentence: sentenceOf(change.sentence), details, where },
    };
  }
  if (details.length === 0) {
    const what = `The controller does not have ${functionId} selected for ${vehicleId} now`;
    const why =
      evidence.running === undefined
        ? `it is none of ${event.unitId}'s functions, but part of the unit itself or no longer in use`
        : "why it ran when the event came is not known";
    return unknown("select", `${what}; ${why}.`, where);
  }
  const [sentence = "", ...others] = details;
  return {
    ...path("select", null, null),
    ...{ standing: true, sentence, details: [...others, "When it was selected is not known."] },
    where,
  };
}

function selectionDetails({ event }: EventEvidence, placements: Placements): readonly string[] {
  const { vehicleId, functionId } = event;
  const attachment = placements.attachments.find((one) => one.vehicleId === vehicleId);
  const placed = attachment?.functions.find(({ id }) => id === functionId);
  if (placed !== undefined) {
    const version = placed.version === null ? "" : ` ${placed.version}`;
    const why = placed.because === null ? "" : `: ${placed.because}`;
    const settings = Object.entries(placed.settings).map(([name, value]) => `${name} ${value}`);
    return [
      sentenceOf(`The controller has ${functionId}${version} selected for ${vehicleId}${why}`),
      ...(settings.length === 0 ? [] : [`Set for this vehicle: ${settings.join(", ")}.`]),
    ];
  }
  const use = placements.functions.find(
    (one) => one.functionId === functionId && one.vehicles.includes(vehicleId),
  );
  if (use === undefined) return [];
  return [
    `The controller assigns ${functionId} to ${use.unitId} for ${vehicleId}; it says no reason.`,
  ];
}

/** Where the function ran for the vehicle, and why there. */
export function deployed(evidence: EventEvidence): Draft {
  const { event, placements, history } = evidence;
  const { vehicleId, unitId, functionId, functionVersion } = event;
  const where = { vehicleId, unitId, functionId, functionVersion };
  const ran = `${functionId} ${functionVersion} ran on ${unitId}`;
  const attachment = "missing" in placements ? undefined : attachmentThen(placements, event);
  if (attachment !== undefined) {
    return {
      ...path("deploy", attachment.since_ms, "controller"),
      ...{ standing: true, where },
      sentence: sentenceOf(`${ran}, where ${vehicleId} is attached: ${attachment.reason}`),
      details: consideredDetails(attachment),
    };
  }
  const move = "missing" in history ? undefined : moveBefore(history, event);
  const missing =
    "missing" in placements
      ? placements.missing
      : "missing" in history
        ? history.missing
        : "the controller has no record of the time before the event";
  return {
    ...path("deploy", move?.at_ms ?? null, move === undefined ? null : "controller"),
    ...{ standing: true, where },
    sentence:
      move === undefined
        ? `${ran}, as the event says. Why there is not known: ${missing}.`
        : sentenceOf(`${ran}, to which ${vehicleId} had moved: ${move.why}`),
  };
}

/** Of the controller's present attachments the vehicle's, where it held when the event came. */
function attachmentThen(placements: Placements, event: EventView): AttachmentView | undefined {
  const found = placements.attachments.find(({ vehicleId }) => vehicleId === event.vehicleId);
  const isThere = found?.unitId === event.unitId && (found.since_ms ?? 0) <= event.recorded_ms;
  return isThere ? found : undefined;
}

function moveBefore({ moves }: MoveHistory, event: EventView): MoveView | undefined {
  const newest = moves.find(
    ({ vehicleId, at_ms }) =>
      vehicleId === event.vehicleId && at_ms !== null && at_ms <= event.recorded_ms,
  );
  return newest?.to === event.unitId ? newest : undefined;
}

function consideredDetails({ considered, standbyUnitId }: AttachmentView): readonly string[] {
  const others = considered
    .filter(({ verdict }) => verdict !== "chosen")
    .map(({ unitId, verdict }) => `${unitId} was ${verdict}`);
  return [
    ...(others.length === 0 ? [] : [sentenceOf(others.join(", "))]),
    ...(standbyUnitId === null ? [] : [`${standbyUnitId} keeps a copy of the function's state.`]),
  ];
}
