import type { ApiContext } from "../api/api-context.ts";
import type { EventView, FrameView } from "../api/responses.ts";
import { resultViews } from "../explorer/transaction-view.ts";
import { ControlRefusal, type Question } from "./control-desk.ts";

import { moveHistoryQuestion, placementsQuestion } from "./questions.ts";
import type { EventEvidence } from "./step-view.ts";

/** How long after an event others count as what followed from it. */
const following_ms = 600_000;
const followedMax = 8;
/** Events of the whole site that are looked through for what came after one. */
const followedWindow = 5000;
const changesWindow = 1_000_000;
const readMax = 500;

type Sources = Pick<ApiContext, "store" | "control" | "views" | "consortium">;

/** Gathers what store, units and controller know around one event. */
export async function eventEvidence(sources: Sources, event: EventView): Promise<EventEvidence> {
  const { store, views } = sources;
  const { vehicleId } = event;
  const change = { vehicleId, class: "function-change" };
  const [frame, placements, history, changesBefore, changesAfter, later, block] = await Promise.all(
    [
      frameOf(sources, event),
      told(sources, placementsQuestion),
      told(sources, moveHistoryQuestion),
      store.events({ ...change, before: event.cursor, limit: readMax }),
      store.events({ ...change, before: event.cursor + changesWindow, limit: readMax }),
      store.events({ vehicleId, before: event.cursor + followedWindow, limit: readMax }),
      blockOf(sources, event),
    ],
  );
  const isAfter = ({ cursor }: EventView): boolean => cursor > event.cursor;
  const isSoon = (one: EventView): boolean =>
    isAfter(one) &&
    one.class !== "function-change" &&
    one.recorded_ms - event.recorded_ms <= following_ms;
  const unit = views.unit(event.unitId);
  return {
    ...{ event, frame, placements, history, block },
    changeBefore: changesBefore.find(({ functionId }) => functionId === event.functionId),
    changesAfter: changesAfter.filter(isAfter).toReversed().slice(0, followedMax),
    followed: later.filter(isSoon).toReversed().slice(0, followedMax),
    validators: sources.consortium.seats.length,
    running: unit?.neighbour.status?.functions.find(({ id }) => id === event.functionId),
  };
}

async function frameOf({ store }: Sources, event: EventView): Promise<FrameView | undefined> {
  const { stream, sequence, commitment } = event.frame;
  const query = { vehicleId: event.vehicleId, stream, before: sequence + 1, limit: 16 };
  const copies = (await store.frames(query)).filter((one) => one.commitment === commitment);
  return copies.find(({ unitId }) => unitId.split("/")[0] === event.unitId) ?? copies[0];
}

async function blockOf(
  { store, consortium }: Sources,
  { finalHeight, resultIndex }: EventView,
): Promise<EventEvidence["block"]> {
  const stored = finalHeight === null ? undefined : await store.block(finalHeight);
  if (stored === undefined) return undefined;
  const results = resultViews(stored, consortium);
  return { view: stored.view, result: results.find((one) => one.index === resultIndex) };
}

/** The controller's answer as far as it is known, or in words why it is not. */
async function told<T extends object>(
  { control }: Sources,
  question: Question<T>,
): Promise<T | { readonly missing: string }> {
  try {
    return await control.read(question);
  } catch (thrown) {
    if (thrown instanceof ControlRefusal) return { missing: thrown.message };
    throw thrown;
  }
}
