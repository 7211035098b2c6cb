import type { DayClearingView, SettlementExportView } from "@voltfog/messages";

/** Who it is; an operator that nobody named is the union's own desk. */
export function organisationName(organisation: string | null): string {
  return organisation ?? "the union's desk";
}

/** Whether a day was over before the chain had a block. */
export function isBeforeChain({
  day,
  chainBegan_ms,
}: Pick<DayClearingView, "day" | "chainBegan_ms">): boolean {
  return chainBegan_ms !== null && chainBegan_ms >= Date.parse(`${day}T00:00:00Z`) + 86_400_000;
}

/** How far the operators' database is, as a sentence. */
export function exportWords(view: SettlementExportView): {
  readonly tone: "good" | "warn" | "bad" | "plain";
  readonly name: string;
  readonly sentence: string;
} {
  const rows = `${view.rows} ${view.rows === 1 ? "row is" : "rows are"} in the database`;
  if (view.state === "off")
    return {
      tone: "plain",
      name: "off",
      sentence: "No database is set, so nothing is exported and no order becomes complete.",
    };
  if (view.state === "failing")
    return {
      tone: "bad",
      name: "failing",
      sentence: `${view.code ?? "It fails"}: ${view.message ?? "no reason is known"}. ${rows}; ${view.waiting} wait and lose nothing.`,
    };
  const waiting = view.waiting === 0 ? "nothing waits" : `${view.waiting} final results wait`;
  const acknowledged =
    view.unacknowledged === 0
      ? "every one is acknowledged on the chain"
      : `${view.unacknowledged} are not yet acknowledged on the chain`;
  const durable =
    view.isDurable === false ? " The database may lose what it confirmed when power fails." : "";
  return {
    tone: view.isDurable === false ? "warn" : "good",
    name: "following",
    sentence: `${rows}, ${waiting}, ${acknowledged}.${durable}`,
  };
}
