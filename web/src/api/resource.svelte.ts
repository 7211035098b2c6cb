import { ApiError, getJson } from "./client.ts";

/**
 * One address's answer, kept fresh. The last good data stays visible while a later request fails,
 * and `since_ms` says how old it is.
 */
export class Resource<T> {
  data: T | undefined = $state.raw(undefined);
  error: ApiError | undefined = $state.raw(undefined);
  since_ms: number | undefined = $state(undefined);
  #path = "";
  #interval_ms: number;
  #stop: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { interval_ms: number }) {
    this.#interval_ms = options.interval_ms;
  }

  /** Starts or changes the address; call from an $effect and return `close` from it. */
  open(path: string): void {
    if (path === this.#path) return;
    this.close();
    this.#path = path;
    void this.#load();
  }

  close(): void {
    this.#stop?.abort();
    clearTimeout(this.#timer);
    this.#path = "";
  }

  async #load(): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      const data = await getJson<T>(this.#path, stop.signal);
      if (stop.signal.aborted) return;
      this.data = data;
      this.error = undefined;
      this.since_ms = Date.now();
    } catch (thrown) {
      if (stop.signal.aborted) return;
      this.error = thrown instanceof ApiError ? thrown : new ApiError("UNEXPECTED", String(thrown));
    }
    this.#timer = setTimeout(() => void this.#load(), this.#interval_ms);
  }
}
