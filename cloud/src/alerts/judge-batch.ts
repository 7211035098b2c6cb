import type { Alert, AlertFinding, AlertNews } from "./alert.ts";
import { judgeFinding } from "./judge-finding.ts";

/** An alert as it is after some findings, with the last that is to be told of it. */
export interface AlertChanged {
  readonly alert: Alert;
  readonly news: AlertNews | undefined;
}

export interface BatchJudgement {
  readonly changes: readonly AlertChanged[];
  /** The highest id that was given. */
  readonly lastId: number;
  /** Keys for which there was no room. */
  readonly refused: readonly string[];
}

/**
 * What findings make of the alerts, in order: of each key one change at the end. Pure. Where more than
 * `standingMax` keys would be kept, new ones are refused.
 */
export function judgeBatch(
  findings: readonly AlertFinding[],
  o: {
    newest: ReadonlyMap<string, Alert>;
    lastId: number;
    now_ms: number;
    standingMax: number;
  },
): BatchJudgement {
  const changed = new Map<string, AlertChanged>();
  const refused: string[] = [];
  let { lastId } = o;
  for (const finding of findings) {
    const before = changed.get(finding.key);
    const known = before?.alert ?? o.newest.get(finding.key);
    const judged = judgeFinding(known, finding, o.now_ms);
    if (judged === undefined) continue;
    if (known === undefined && o.newest.size + changed.size >= o.standingMax) {
      refused.push(finding.key);
      continue;
    }
    const isNew = judged.news === "raised" || known === undefined;
    if (isNew) lastId += 1;
    const alert = { ...judged.alert, id: isNew ? lastId : known.id };
    changed.set(finding.key, { alert, news: judged.news ?? before?.news });
  }
  return { changes: [...changed.values()], lastId, refused };
}
