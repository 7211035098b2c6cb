/**
 * A signal that aborts with the first of the given ones, until it is released. `AbortSignal.any` of
 * Node 20 leaves an entry in each source for ever, which adds up where one source lives as long as the
 * process (nodejs/node, lib/internal/abort_controller.js: kDependantSignals).
 */
export function linkSignals(sources: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  /** Lets go of the sources. */
  release(): void;
} {
  const controller = new AbortController();
  const ends = sources.map((source) => {
    const abort = (): void => controller.abort(source.reason);
    if (source.aborted) abort();
    source.addEventListener("abort", abort, { once: true });
    return () => source.removeEventListener("abort", abort);
  });
  return {
    signal: controller.signal,
    release() {
      for (const end of ends) end();
    },
  };
}
