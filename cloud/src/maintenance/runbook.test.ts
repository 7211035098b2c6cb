import { eventClasses, noticeClasses } from "@voltfog/messages";
import { expect, test } from "vitest";
import { usualRules } from "../alerts/alert-settings.ts";
import { runbook } from "./runbook.ts";

test("every alert that can be raised has an entry, and every entry says what to do", () => {
  const classes = eventClasses.filter((name) => !noticeClasses.includes(name));
  const rules = usualRules.filter(({ on }) => on === "indicator").map(({ id }) => id);
  expect(runbook.map(({ id }) => id).sort()).toEqual([...classes, ...rules].sort());
  for (const { id, steps, untilThen } of runbook) {
    expect(steps.length, id).toBeGreaterThan(0);
    expect(untilThen, id).not.toBe("");
  }
});
