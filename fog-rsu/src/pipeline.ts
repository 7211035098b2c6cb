import type { UnitAnchor } from "./anchoring/unit-anchor.ts";
import type { Receipts } from "./answers/receipts.ts";
import type { Refusals } from "./answers/refusals.ts";
import type { CommandAnswers } from "./commands/command-answers.ts";
import type { DeclaredEvents } from "./events/declared-events.ts";
import type { EventRegister } from "./events/event-register.ts";
import type { FindingSink } from "./events/finding-sink.ts";
import type { FunctionHost } from "./functions/function-host.ts";
import type { Finding, FunctionManifest } from "./functions/network-function.ts";
import type { FrameArrival } from "./ingest/authenticate-frame.ts";
import type { Greetings } from "./ingest/greetings.ts";
import type { Intake } from "./ingest/intake.ts";
import type { DurableFrame, DurableFrames } from "./log/durable-frame.ts";
import type { Committed } from "./log/group-commit.ts";
import type { LogItem } from "./log/log-item.ts";
import type { ConductWatch } from "./traffic/conduct-watch.ts";

/** Everything that a message passes in this unit, each stage in its own folder. */
export interface Stages {
  readonly greetings: Greetings;
  readonly intake: Intake;
  readonly conduct: ConductWatch;
  readonly commandAnswers: CommandAnswers;
  readonly refusals: Refusals;
  readonly receipts: Receipts;
  readonly durable: DurableFrames;
  readonly functions: FunctionHost;
  readonly declared: DeclaredEvents;
  readonly findings: FindingSink;
  readonly events: EventRegister;
  readonly anchor: UnitAnchor;
}

/** The stages of the unit in order: ingest → log → functions → events → anchoring. */
export class Pipeline {
  readonly #stages: Stages;

  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /**
   * Ingest: one message of a connected vehicle. Resolves when it may be acknowledged, which is after
   * its entry is durable; rejects when the log could not take it, and the vehicle sends it again.
   */
  async take(arrival: FrameArrival): Promise<void> {
    const { greetings, intake, conduct, commandAnswers, refusals, receipts } = this.#stages;
    const { sender, bytes } = arrival;
    const greeted = greetings.take(arrival);
    for (const refusal of greeted ?? []) refusals.say({ sender, refusal, bytes });
    if (greeted !== undefined || commandAnswers.take(arrival)) return;
    const answer = await intake.take(arrival);
    conduct.judged(arrival, answer);
    const { refusal } = answer;
    if (refusal !== undefined) {
      refusals.say({ sender, refusal, bytes });
    } else if (answer.kind === "taken" && answer.repeated) {
      receipts.sendAgain(answer.authentic, answer.placed);
    }
  }

  /** Log: one group of frames became durable under one checkpoint. */
  committed(group: readonly LogItem[], place: Committed): void {
    const { receipts, durable, anchor } = this.#stages;
    receipts.sendGroup(group, place);
    this.show(durable.ofGroup(group, place.firstIndex));
    anchor.nudge();
  }

  /** Functions: durable frames are shown to every function, and what vehicles declare is heard. */
  show(frames: readonly DurableFrame[]): void {
    const { functions, declared, events } = this.#stages;
    for (const frame of frames) {
      for (const finding of declared.findingsIn(frame)) events.record(finding);
    }
    functions.show(frames);
  }

  /** Events: what a function found becomes an event, an estimate or a command. */
  found(finding: Finding, by: FunctionManifest): void {
    this.#stages.findings.take(finding, by);
  }

  /** Anchoring: a durable event, like a grown log, goes to the chain. */
  eventsChanged(): void {
    this.#stages.anchor.nudge();
  }
}
