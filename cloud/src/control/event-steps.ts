import type { EventClass } from "@voltfog/messages";
import type { EventView } from "../api/responses.ts";
import type { MoveHistory, MoveView } from "./history.ts";
import { deployed, selected } from "./standing-steps.ts";
import { path, sentenceOf, unknown } from "./step-draft.ts";
import type { Draft, EventEvidence, StepName, StepPlace, StepView } from "./step-view.ts";

const nowhere: StepPlace = {
  ...{ vehicleId: null, unitId: null, functionId: null, functionVersion: null, stream: null },
  ...{ sequence: null, commitment: null, logIndex: null, transaction: null, resultIndex: null },
  ...{ height: null, proof: null },
};

/** The eight steps for one event, in the published order, each with what is known and nothing else. */
export function eventSteps(evidence: EventEvidence): readonly StepView[] {
  const drafts = [
    collected(evidence),
    processed(evidence),
    selected(evidence),
    deployed(evidence),
    recorded(evidence),
    verified(evidence),
    running(evidence),
    adapted(evidence),
  ];
  return drafts.map((draft) => ({
    ...draft,
    ...afterOf(draft, drafts),
    where: { ...nowhere, ...draft.where },
  }));
}

/** What each step follows from, the nearest first: consensus runs beside the functions, not before them. */
const follows: Readonly<Partial<Record<StepName, readonly StepName[]>>> = {
  process: ["collect"],
  record: ["process", "collect"],
  verify: ["record"],
  run: ["record"],
  adapt: ["record"],
};

function afterOf(
  { step, at_ms }: Draft,
  drafts: readonly Draft[],
): Pick<StepView, "after_ms" | "afterStep"> {
  for (const name of follows[step] ?? []) {
    const earlier = drafts.find((one) => one.step === name);
    if (at_ms === null || earlier === undefined || earlier.at_ms === null) continue;
    return { after_ms: at_ms - earlier.at_ms, afterStep: name };
  }
  return { after_ms: null, afterStep: null };
}

function collected({ event, frame }: EventEvidence): Draft {
  const { vehicleId, frame: of, origin } = event;
  const { stream, sequence, commitment } = of;
  const samples =
    frame === undefined || frame.samples === 0 ? "" : ` of ${count(frame.samples, "sample")}`;
  return {
    ...path("collect", event.at_ms, "vehicle"),
    sentence: `${vehicleId} took the reading and signed it in ${stream} frame ${sequence}${samples}.`,
    details: [`The data is ${origin}.`],
    where: { vehicleId, stream, sequence, commitment },
  };
}

function processed({ event, frame }: EventEvidence): Draft {
  const { stream, sequence } = event.frame;
  if (frame === undefined) {
    return unknown(
      "process",
      `The log entry of ${stream} frame ${sequence} is not stored here, so how ${event.unitId} took it is not known.`,
    );
  }
  const { unitId, logIndex, accepted_ms } = frame;
  const what =
    frame.kind === "refused"
      ? `refused the frame (${frame.code}) and logged the refusal`
      : `checked size, signature, chain, range and time of the frame and logged it`;
  return {
    ...path("process", accepted_ms, "unit"),
    sentence: `${unitId} ${what} as entry ${logIndex}.`,
    details: frame.duplicate ? ["Another unit's log holds the same frame."] : [],
    where: { unitId, logIndex, stream, sequence, vehicleId: event.vehicleId },
  };
}

/** How the unit came to record what no function found. */
const doneWords: Readonly<Partial<Record<EventClass, (unitId: string) => string>>> = {
  "function-change": (unitId) => `${unitId} took over the change and journalled it`,
  "maintenance-notice": (unitId) => `${unitId} was told by the cloud, and journalled`,
};

function recorded({ event, block }: EventEvidence): Draft {
  const { unitId, functionId, functionVersion, resultIndex, finalHeight: height } = event;
  const transaction = block?.result?.hash ?? null;
  const found =
    doneWords[event.class]?.(unitId) ??
    `${functionId} ${functionVersion} on ${unitId} found, and the unit journalled`;
  const onChain =
    height === null
      ? "It is not in a final block yet."
      : `Its hash is in block ${height}, sent by ${block?.result?.sender ?? unitId}; who holds no salt learns nothing from it.`;
  return {
    ...path("record", event.recorded_ms, "unit"),
    sentence: sentenceOf(`${found}: ${event.sentence}`),
    details: [onChain],
    where: { unitId, functionId, functionVersion, transaction, resultIndex, height },
  };
}

function verified({ event, block, frame, validators }: EventEvidence): Draft {
  if (event.finalHeight === null || block === undefined) {
    const what = "no block that a quorum of validators signed holds the event";
    return unknown("verify", `Not verified yet: ${what}.`);
  }
  const { height, signers, round } = block.view;
  const covered =
    frame?.finalHeight === undefined || frame.finalHeight === null
      ? "The frame's log entry is not covered by a final checkpoint yet."
      : `The frame's log entry is covered by a final checkpoint in block ${frame.finalHeight}.`;
  return {
    ...path("verify", event.final_ms, "cloud"),
    sentence: `${signers.length} of ${validators} validators signed block ${height} in round ${round}; the cloud executed it again with the same result.`,
    details: [`Signed by ${signers.join(", ")}.`, covered],
    where: {
      ...{ height, resultIndex: event.resultIndex, transaction: block.result?.hash ?? null },
      proof: `/v1/events/${event.id}/bundle`,
    },
  };
}

function running(evidence: EventEvidence): Draft {
  const { event, followed, running: now } = evidence;
  const { vehicleId, unitId, functionId } = event;
  const [first] = followed;
  const works = [...servingNow(evidence), ...healthNow(evidence)];
  const where = { vehicleId, unitId, functionId, functionVersion: now?.version ?? null };
  const nothingElse = `Nothing else was found of ${vehicleId} in the ten minutes after.`;
  if (first !== undefined) {
    const { functionVersion } = first;
    return {
      ...path("run", first.recorded_ms, "unit"),
      sentence: sentenceOf(`${first.functionId} on ${first.unitId} found next: ${first.sentence}`),
      details: [...followed.slice(1).map(({ sentence }) => sentenceOf(sentence)), ...works],
      where: { ...where, unitId: first.unitId, functionId: first.functionId, functionVersion },
    };
  }
  const [sentence, ...others] = works;
  if (sentence === undefined) {
    const what = `no function of ${vehicleId} is known to the controller or to ${unitId} now`;
    return unknown("run", `Nothing is known: ${what}. ${nothingElse}`);
  }
  return { ...path("run", null, null), sentence, details: [...others, nothingElse], where };
}

/** What the controller has going for the vehicle. */
function servingNow({ event, placements }: EventEvidence): readonly string[] {
  if ("missing" in placements) return [];
  const attachment = placements.attachments.find(({ vehicleId }) => vehicleId === event.vehicleId);
  const names = (attachment?.functions ?? []).map(({ id }) => id);
  if (attachment === undefined || names.length === 0) return [];
  return [`On ${attachment.unitId} now work for ${event.vehicleId}: ${names.join(", ")}.`];
}

function healthNow({ event, running: now }: EventEvidence): readonly string[] {
  if (now === undefined) return [];
  const vehicles = count(now.vehicles, "vehicle");
  return [
    `${event.functionId} ${now.version} serves ${vehicles} on ${event.unitId} now; its health: ${now.health}.`,
  ];
}

function adapted({ event, changesAfter, history }: EventEvidence): Draft {
  const { vehicleId } = event;
  const [change, ...others] = changesAfter;
  const moves = "missing" in history ? [] : movesAfter(history, event);
  const moved = moves.map(({ from, to, why }) =>
    sentenceOf(`${vehicleId} moved from ${from ?? "no unit"} to ${to ?? "no unit"}: ${why}`),
  );
  if (change !== undefined) {
    const { unitId, functionId, functionVersion } = change;
    return {
      ...path("adapt", change.recorded_ms, "unit"),
      sentence: sentenceOf(change.sentence),
      details: [...others.map(({ sentence }) => sentenceOf(sentence)), ...moved],
      where: { vehicleId, unitId, functionId, functionVersion },
    };
  }
  const [move] = moves;
  const [sentence, ...details] = moved;
  if (move === undefined || sentence === undefined) {
    const also = "missing" in history ? ` Of moves nothing is known: ${history.missing}.` : "";
    const what = `No change of a function, setting or unit of ${vehicleId} after the event is on record.`;
    return unknown("adapt", `${what}${also}`);
  }
  return {
    ...path("adapt", move.at_ms, "controller"),
    ...{ sentence, details, where: { vehicleId, unitId: move.to } },
  };
}

/** Oldest first. */
function movesAfter({ moves }: MoveHistory, event: EventView): readonly MoveView[] {
  return moves
    .filter(
      ({ vehicleId, at_ms }) =>
        vehicleId === event.vehicleId && at_ms !== null && at_ms > event.recorded_ms,
    )
    .toReversed()
    .slice(0, 5);
}

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}
