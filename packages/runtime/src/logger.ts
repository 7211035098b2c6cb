/** Facts beside a fixed phrase; never payload bytes, never keys. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * Structured log. error: someone must act. warn: something was refused or lost and said so.
 * info: a change of state, at most a few a minute. debug: for developers.
 */
export interface Logger {
  error(phrase: string, fields?: LogFields): void;
  warn(phrase: string, fields?: LogFields): void;
  info(phrase: string, fields?: LogFields): void;
  debug(phrase: string, fields?: LogFields): void;
}

/** The same log with these fields in every line, before those of the line itself. */
export function loggerWith(logger: Logger, always: LogFields): Logger {
  return {
    error: (phrase, fields) => logger.error(phrase, { ...always, ...fields }),
    warn: (phrase, fields) => logger.warn(phrase, { ...always, ...fields }),
    info: (phrase, fields) => logger.info(phrase, { ...always, ...fields }),
    debug: (phrase, fields) => logger.debug(phrase, { ...always, ...fields }),
  };
}

/** For tests: says nothing. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
};
