import { ApiError, getJson, postJson } from "./client.ts";

/** After a failure nobody waits longer than this for the next try. */
const retry_ms = 5000;

/**
 * One address's answer, kept fresh. The last good data stays visible while a later request fails,
 * and `since_ms` says how old it is.
 */
export class Resource<T> {
  data: T | undefined = $state.raw(undefined);
  error: ApiError | undefined = $state.raw(undefined);
  since_ms: number | undefined = $state(undefined);
  /** The posted question that `data` answers. */
  answered: string | undefined = $state.raw(undefined);
  #path = "";
  #body: string | undefined;
  #interval_ms: number;
  #stop: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { interval_ms: number }) {
    this.#interval_ms = options.interval_ms;
  }

  /** Starts or changes the address; call from an $effect and return `close` from it. */
  open(path: string): void {
    if (path !== this.#path || this.#body !== undefined) this.#restart(path, undefined);
  }

  /** The same for a question that is posted, asked again every `interval_ms`. */
  ask(path: string, options: { readonly body: string; readonly interval_ms: number }): void {
    this.#interval_ms = options.interval_ms;
    this.#restart(path, options.body);
  }

  /** Asks once more at once, as after a change that the page itself made. */
  refresh(): void {
    if (this.#path !== "") this.#restart(this.#path, this.#body);
  }

  #restart(path: string, body: string | undefined): void {
    this.close();
    this.#path = path;
    this.#body = body;
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
      const data = await (this.#body === undefined
        ? getJson<T>(this.#path, stop.signal)
        : postJson<T>(this.#path, this.#body, stop.signal));
      if (stop.signal.aborted) return;
      this.data = data;
      this.answered = this.#body;
      this.error = undefined;
      this.since_ms = Date.now();
    } catch (thrown) {
      if (stop.signal.aborted) return;
      this.error = thrown instanceof ApiError ? thrown : new ApiError("UNEXPECTED", String(thrown));
    }
    // The page begins anew when somebody else signs in.
    if (this.error?.isNotLetIn === true) return;
    const wait_ms =
      this.error === undefined ? this.#interval_ms : Math.min(retry_ms, this.#interval_ms);
    this.#timer = setTimeout(() => this.#again(stop.signal), wait_ms);
  }

  /** A page that nobody sees asks nothing; it does at once when it is looked at again. */
  #again(signal: AbortSignal): void {
    if (!document.hidden) {
      void this.#load();
      return;
    }
    const options = { once: true, signal };
    document.addEventListener("visibilitychange", () => void this.#load(), options);
  }
}
