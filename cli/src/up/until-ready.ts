import { systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { pause } from "./pause.ts";
import { readinessOf } from "./readiness.ts";
import type { SiteRun } from "./site-run.ts";

const readyLimit_ms = 120_000;
const readyStep_ms = 300;

type Start =
  | { readonly outcome: "ready" | "interrupted" }
  /** A process does not take its settings, or some were not ready in time. */
  | { readonly outcome: "refused" | "late"; readonly reason: string };

/** Starts the fleet last, so that it finds every unit measured and spreads evenly. */
export async function untilReady(life: {
  run: SiteRun;
  context: CommandContext;
  interrupted: Promise<string>;
}): Promise<Start> {
  const { run, context } = life;
  const base = run.processes.filter(({ role }) => role !== "edge");
  const end_ms = systemClock.monotonic_ms() + readyLimit_ms;
  run.supervisor.start(base.map(({ id }) => id));
  let awaited = base;
  for (;;) {
    const { ready, of, waiting } = await readinessOf(awaited);
    if (waiting.length === 0 && awaited === base) {
      run.supervisor.start();
      awaited = [...run.processes];
    } else if (waiting.length === 0) {
      context.terminal.progressDone();
      return { outcome: "ready" };
    }
    const total = run.processes.length;
    context.terminal.progress(`starting: ${ready} of ${total} processes are ready`);
    const next = await Promise.race([
      life.interrupted.then(() => ({ outcome: "interrupted" as const })),
      run.refused.then((reason) => ({ outcome: "refused" as const, reason })),
      pause(readyStep_ms),
    ]);
    if (next !== undefined) return next;
    if (systemClock.monotonic_ms() > end_ms) {
      const reason = `not ready after ${readyLimit_ms / 1000} s (${waiting.join("; ")})`;
      return { outcome: "late", reason: `${reason}, ${ready} of ${of} are` };
    }
  }
}
