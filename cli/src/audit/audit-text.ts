import type { AuditFinding, AuditReport } from "@voltfog/ledger/node";

/** Findings that a person is shown; `--json` has all. */
const shownMax = 20;

/** Code of an audit: of its gravest finding. An entry that changed is worse than one that is gone. */
export function auditCode(report: AuditReport): string {
  const kinds = new Set(report.findings.map(({ kind }) => kind));
  if (kinds.has("altered")) return "AUDIT_ALTERED";
  if (kinds.has("deleted")) return "AUDIT_DELETED";
  return kinds.has("truncated") ? "AUDIT_TRUNCATED" : "OK";
}

/** The same for a person. */
export function auditText(origin: string, report: AuditReport): string {
  const { entries, final, notFinal, erased, findings } = report;
  const against = `${final.checkpoints} final checkpoints, the last of size ${final.size} in block ${final.height}`;
  const state = report.ok ? "sound" : `not sound: ${auditCode(report)}`;
  const lines = [`${origin}: ${state}`, `  ${entries} entries against ${against}`];
  if (notFinal > 0)
    lines.push(`  ${notFinal} entries are not final yet: only the unit vouches for them`);
  if (erased.length > 0)
    lines.push(`  ${erased.length} frames were erased by order; their entries stand`);
  for (const { by, reason, ordered_ms, indexes } of report.erasures) {
    const at = new Date(ordered_ms).toISOString();
    lines.push(`  erased: ${indexes.length} frames, ordered by ${by} at ${at}: ${reason}`);
  }
  for (const finding of findings.slice(0, shownMax)) lines.push(`  ${findingText(finding)}`);
  if (findings.length > shownMax)
    lines.push(`  and ${findings.length - shownMax} more; see --json`);
  return lines.join("\n");
}

function findingText({ kind, entries, isExact, detail, place }: AuditFinding): string {
  const where = place === undefined ? "" : ` (${place.file} at byte ${place.offset})`;
  if (entries === undefined) return `${kind}: ${detail}${where}`;
  const { first, last } = entries;
  const range = first === last ? `entry ${first}` : `entries ${first} to ${last}`;
  return `${kind}: ${isExact ? range : `within ${range}`}: ${detail}${where}`;
}
