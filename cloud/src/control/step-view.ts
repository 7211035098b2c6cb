import type { TransactionView } from "@voltfog/messages";
import type { BlockView, EventView, FrameView, FunctionView } from "../api/responses.ts";
import type { MoveHistory } from "./history.ts";
import type { Placements } from "./placements.ts";

/** The steps of the published architecture (ENERGETIC D5.3, section 4.1, figure 2: 1.1 to 1.8). */
export const stepNames = [
  "collect",
  "process",
  "select",
  "deploy",
  "record",
  "verify",
  "run",
  "adapt",
] as const;
export type StepName = (typeof stepNames)[number];

/** What the step is about; null where it does not apply or is not known. */
export interface StepPlace {
  readonly vehicleId: string | null;
  readonly unitId: string | null;
  readonly functionId: string | null;
  readonly functionVersion: string | null;
  readonly stream: string | null;
  readonly sequence: number | null;
  readonly commitment: string | null;
  readonly logIndex: number | null;
  /** Hash of the transaction, hex. */
  readonly transaction: string | null;
  readonly resultIndex: number | null;
  readonly height: number | null;
  /** Where the proof bundle lies. */
  readonly proof: string | null;
}

export interface StepView {
  readonly step: StepName;
  /** False where nothing is known of it; the sentence says why. */
  readonly known: boolean;
  readonly sentence: string;
  readonly details: readonly string[];
  /** A standing decision holds before the reading comes; the others follow each other. */
  readonly standing: boolean;
  readonly at_ms: number | null;
  /** Whose clock said so. */
  readonly clock: "vehicle" | "unit" | "controller" | "cloud" | null;
  /** Since the step that it follows from; clocks differ by a little. */
  readonly after_ms: number | null;
  /** That step; null for the first, and where it has no time. */
  readonly afterStep: StepName | null;
  readonly where: StepPlace;
}

/** All that is known around one event. */
export interface EventEvidence {
  readonly event: EventView;
  /** The log entry of its frame, in the event's own unit where that has one. */
  readonly frame: FrameView | undefined;
  /** The controller's answers, or why there is none. */
  readonly placements: Placements | { readonly missing: string };
  readonly history: MoveHistory | { readonly missing: string };
  /** The newest change of the same function for the vehicle before the event. */
  readonly changeBefore: EventView | undefined;
  /** Oldest first. */
  readonly changesAfter: readonly EventView[];
  /** What else was found of the vehicle in the minutes after, oldest first. */
  readonly followed: readonly EventView[];
  readonly block:
    | { readonly view: BlockView; readonly result: TransactionView | undefined }
    | undefined;
  readonly validators: number;
  /** The function on that unit now. */
  readonly running: FunctionView | undefined;
}

/** A step before it is known what it follows. */
export type Draft = Omit<StepView, "after_ms" | "afterStep" | "where"> & {
  readonly where: Partial<StepPlace>;
};
