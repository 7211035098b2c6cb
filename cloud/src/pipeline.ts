import type { Clock, Logger } from "@voltfog/runtime";
import type { CareStage } from "./care.ts";
import type { ChargerFollower } from "./chargers/charger-follower.ts";
import type { BlockFollower } from "./finality/block-follower.ts";
import type { EventFeed } from "./intake/event-feed.ts";
import type { Neighbour, ValidatorStatus } from "./live/neighbours.ts";
import type { UnitSite } from "./live/unit-site.ts";
import type { MarketFollower } from "./market/market-follower.ts";
import { repeat, type StepVerdict } from "./remote/repeat.ts";
import type { RetentionStage } from "./store/retention-stage.ts";

/** The stages of the cloud, in the order in which one reading meets them. */
export interface Stages {
  /**
   * 1. Intake: each unit's log, page by page. A frame is checked against its entry, the entry
   * against the log's signed root; rows, cursor and tree are stored in one transaction: *logged*.
   */
  readonly units: readonly UnitSite[];
  /** 2. Events: what functions on the units found, each checked against its id and stored once. */
  readonly feeds: readonly { readonly unitId: string; readonly feed: EventFeed }[];
  /**
   * 3. Finality: blocks from any validator, certificates verified, transactions executed again.
   * Where a final checkpoint's root is the root over the stored entries, rows up to there become
   * *final*: that runs after each commit of stage 1 and 3 (see Aftermath and RowRaiser).
   */
  readonly follower: BlockFollower;
  /** Chargers, which drivers ask for: the newest report of whichever unit follows a feed of them. */
  readonly chargers: ChargerFollower;
  /** Retention: once an hour, what the configuration no longer keeps. */
  readonly retention: RetentionStage;
  /** The market: what final results say of accounts, sessions, piles and trades. */
  readonly market: MarketFollower;
  /** Settlement: what was settled, into the book, and from there into the operators' database. */
  readonly settlement: readonly CareStage[];
  /** Care: alerts from what was found, and their delivery. */
  readonly care: readonly CareStage[];
  /** 4. Beside the data: what units and validators say of themselves, for the operations page. */
  readonly validators: readonly Neighbour<ValidatorStatus>[];
  // 5. Answers: the live feed and the HTTP API read what the stages left behind (see api/).
}

/** Runs every stage on its own, so that one that waits or fails holds up no other. */
export function runStages(
  stages: Stages,
  options: { signal: AbortSignal; clock: Clock; logger: Logger },
): Promise<unknown> {
  const run = (name: string, step: () => Promise<StepVerdict>): Promise<void> =>
    repeat({ name, step, ...options });
  return Promise.all([
    ...stages.units.map(({ id, intake }) => run(`intake of ${id}`, () => intake.step())),
    ...stages.feeds.map(({ unitId, feed }) => run(`events of ${unitId}`, () => feed.step())),
    run("finality", () => stages.follower.step()),
    run("chargers", () => stages.chargers.step()),
    run("market", () => stages.market.step()),
    run("retention", () => stages.retention.step()),
    ...stages.settlement.map((one) => run(one.name, () => one.step())),
    ...stages.care.map((one) => run(one.name, () => one.step())),
    ...stages.units.map(({ id, neighbour }) => run(`status of ${id}`, () => neighbour.step())),
    ...stages.validators.map((one) => run(`status of ${one.id}`, () => one.step())),
  ]);
}
