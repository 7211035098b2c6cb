import type { Logger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";

/** How long a process whose supervisor has gone takes to close its files before it ends all the same. */
const orphanLimit_ms = 5000;
/** How long something forgotten may hold a stopped process open. */
const lingerLimit_ms = 1000;

/** What a child tells its supervisor over the channel between them, once it serves. */
export interface RunningMessage {
  readonly kind: "running";
  readonly ports: Readonly<Record<string, number>>;
}

/** A process that has started and can be stopped. */
export interface Stoppable {
  readonly ports: object;
  stop(): Promise<void>;
}

/**
 * Starts a process and keeps it until SIGTERM, SIGINT, or the end of the supervisor that started it,
 * then stops it. Resolves with the exit code: 0 after an orderly stop. A second signal ends it at once;
 * without its supervisor it ends within five seconds, whatever it is doing.
 */
export async function runUntilStopped(options: {
  start: () => Promise<Stoppable>;
  logger: Logger;
}): Promise<number> {
  try {
    return await live(options);
  } finally {
    // Neither the channel to the supervisor nor something forgotten holds the process open.
    process.channel?.unref();
    setTimeout(() => process.exit(), lingerLimit_ms).unref();
  }
}

async function live(options: { start: () => Promise<Stoppable>; logger: Logger }): Promise<number> {
  const { logger } = options;
  const orphaned = supervisorGone();
  const running = await options.start();
  const signalled = firstSignal();
  tellSupervisor({ kind: "running", ports: { ...running.ports } });
  logger.info("stopping", { cause: await Promise.race([signalled, orphaned]) });
  try {
    await running.stop();
    return 0;
  } catch (thrown) {
    logger.error("stop failed", { reason: String(thrown) });
    return 1;
  }
}

function supervisorGone(): Promise<string> {
  if (process.send === undefined) return new Promise(() => {});
  return new Promise((resolve) => {
    process.once("disconnect", () => {
      systemClock.after(orphanLimit_ms, () => process.exit(1));
      resolve("supervisor gone");
    });
  });
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    let count = 0;
    const onSignal = (signal: string): void => {
      count += 1;
      if (count > 1) process.exit(1);
      resolve(signal);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

function tellSupervisor(message: RunningMessage): void {
  // The channel can close in between; then supervisorGone has seen it.
  if (process.connected) process.send?.(message, () => {});
}
