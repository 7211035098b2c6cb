import { expect, test } from "vitest";
import { type LogFields, type Logger, loggerWith } from "./logger.ts";

test("a log with fields adds them to each line, and a line's own win", () => {
  const lines: [string, string, LogFields | undefined][] = [];
  const note =
    (level: string) =>
    (phrase: string, fields?: LogFields): void => {
      lines.push([level, phrase, fields]);
    };
  const plain: Logger = {
    error: note("error"),
    warn: note("warn"),
    info: note("info"),
    debug: note("debug"),
  };
  const log = loggerWith(plain, { vehicleId: "vehicle-01", code: "A" });
  log.error("lost", { code: "B" });
  log.warn("late");
  log.info("on");
  log.debug("seen", { frames: 1 });
  expect(lines).toEqual([
    ["error", "lost", { vehicleId: "vehicle-01", code: "B" }],
    ["warn", "late", { vehicleId: "vehicle-01", code: "A" }],
    ["info", "on", { vehicleId: "vehicle-01", code: "A" }],
    ["debug", "seen", { vehicleId: "vehicle-01", code: "A", frames: 1 }],
  ]);
});
