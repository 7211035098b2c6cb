import { type Movable, type SavedState, type StateReader, savedTime_ms } from "@voltfog/runtime";
import type { CommandRequest, Findings, FunctionSample } from "../network-function.ts";

/** A command lapses by itself after a minute, so it is said again while it is wanted. */
const repeat_ms = 30_000;
/** A request that names each of 1024 cells. */
const keyMax = 8192;

/**
 * One thing that a function asks of one vehicle: said when it changes, again while it stands, and once when
 * it is over.
 */
export class StandingRequest implements Movable {
  #said: { readonly key: string; readonly at_ms: number } | undefined;

  /** `isStanding` is false for a request that only takes back an earlier one. */
  update(
    request: CommandRequest,
    options: { isStanding: boolean; sample: FunctionSample; findings: Findings },
  ): void {
    const { isStanding, sample, findings } = options;
    const said = this.#said;
    if (said === undefined && !isStanding) return;
    const key = JSON.stringify([request.kind, request.value, request.cells ?? null]);
    const since_ms = sample.monotonic_ms - (said?.at_ms ?? sample.monotonic_ms);
    const isDue = isStanding && (since_ms >= repeat_ms || since_ms < 0);
    if (said?.key === key && !isDue) return;
    this.#said = isStanding ? { key, at_ms: sample.monotonic_ms } : undefined;
    findings.command(request);
  }

  save(): SavedState {
    return { said: this.#said === undefined ? null : { ...this.#said } };
  }

  restore(from: StateReader): void {
    const said = from.maybeObject("said");
    this.#said = said && {
      key: said.text("key", keyMax),
      at_ms: said.number("at_ms", savedTime_ms),
    };
    said?.end();
    from.end();
  }
}
