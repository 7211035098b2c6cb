import type { Problem } from "@voltfog/runtime";
import type { UnitView } from "../api/responses.ts";
import type { UnitLink } from "../backbone/unit-link.ts";
import type { RowRaiser } from "../finality/row-raiser.ts";
import type { UnitIntake } from "../intake/unit-intake.ts";
import type { Neighbour, UnitStatus } from "./neighbours.ts";

/** Everything about one unit: what it says, what is stored of it, what is final. */
export interface UnitSite {
  readonly id: string;
  readonly organisation: string;
  readonly neighbour: Neighbour<UnitStatus>;
  /** The way on which its entries and events come. */
  readonly link: UnitLink;
  readonly intake: UnitIntake;
  /** Of a log of this unit, by the log's name. */
  readonly raiserOf: (logName: string) => RowRaiser;
  /** Those that were asked for. */
  readonly raisers: ReadonlyMap<string, RowRaiser>;
  /** What must not have happened and did; undefined while all is well. */
  problem: Problem | undefined;
}

export function unitView(site: UnitSite): UnitView {
  const { neighbour, intake } = site;
  const { final } = site.raiserOf(intake.logName);
  const status = neighbour.status;
  const cursor = intake.position?.size ?? 0;
  const logSize = Math.max(status?.logSize ?? 0, cursor);
  return {
    id: site.id,
    organisation: site.organisation,
    reachable: neighbour.reachable,
    seen_ms: neighbour.seen_ms,
    cursor,
    root: intake.position?.root ?? "",
    logSize,
    publishedSize: status?.publishedSize ?? null,
    finalSize: final.size,
    finalHeight: final.height,
    lag: logSize - cursor,
    intake: intake.state,
    incident: site.problem === undefined ? null : sentenceOf(site.id, site.problem),
    vehicles: status?.vehicles ?? [],
    refusals: status?.refusals ?? {},
    functions: status?.functions ?? [],
    eventsPending: status?.eventsPending ?? null,
  };
}

const sentences: Readonly<Record<string, string>> = {
  ROOT_MISMATCH: "signed a root that the entries it serves do not give",
  FINAL_ROOT_MISMATCH: "has entries here that do not give the root which became final",
  LOG_SHRANK: "signed a shorter log than before",
  NOTE_INVALID: "serves a checkpoint that its key did not sign",
  ENTRY_MALFORMED: "serves an entry that cannot be read",
  ENTRY_OUT_OF_ORDER: "serves entries out of order",
  COMMITMENT_MISMATCH: "serves a frame that its log did not commit to",
  FRAME_MISMATCH: "serves a frame that does not belong to its entry",
  EVENT_INVALID: "serves an event that is not what it says",
  MALFORMED: "gives an answer that cannot be read",
};

/** An incident in words, for the page. */
export function sentenceOf(unitId: string, problem: Problem): string {
  const what = sentences[problem.code] ?? "contradicts itself";
  return `${unitId} ${what} (${problem.code}${problem.detail === undefined ? "" : `: ${problem.detail}`}).`;
}
