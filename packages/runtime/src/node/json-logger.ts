import { pino } from "pino";
import type { Logger } from "../logger.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

/** One JSON object a line, on standard error unless told: time, level, process, phrase, fields. */
export function createJsonLogger(options: {
  process: string;
  level: LogLevel;
  destination?: { write(line: string): void };
}): Logger {
  const target = pino(
    {
      level: options.level,
      base: { process: options.process },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: "phrase",
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return {
    error: (phrase, fields) => target.error(fields ?? {}, phrase),
    warn: (phrase, fields) => target.warn(fields ?? {}, phrase),
    info: (phrase, fields) => target.info(fields ?? {}, phrase),
    debug: (phrase, fields) => target.debug(fields ?? {}, phrase),
  };
}
