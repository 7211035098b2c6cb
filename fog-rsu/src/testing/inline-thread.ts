import { assert } from "@voltfog/runtime";
import { FunctionRun } from "../functions/function-run.ts";
import type { NetworkFunction } from "../functions/network-function.ts";
import { taskPerformer } from "../functions/task-performer.ts";
import type { ThreadFactory } from "../functions/worker-thread.ts";

/** Runs functions in the caller's thread, for tests that look at what is done and not at where. */
export function inlineThreads(functions: readonly NetworkFunction[]): ThreadFactory {
  return ({ start, ready, answered }) => {
    const definition = functions.find(({ manifest }) => start.module.includes(`/${manifest.id}.`));
    assert(definition !== undefined, "the module is one of the functions");
    const { manifest } = start;
    const held = { manifest, start: definition.start.bind(definition) };
    const perform = taskPerformer(new FunctionRun(held, start), start);
    let [over, isFirst] = [false, true];
    return {
      post(message) {
        queueMicrotask(() => {
          if (over) return;
          if (isFirst) ready();
          isFirst = false;
          const { number } = message;
          answered({ number, findings: [], busy: 0, ...perform(message) });
        });
      },
      async stop() {
        over = true;
      },
    };
  };
}
