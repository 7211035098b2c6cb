import type { Clock } from "@voltfog/runtime";

/** One sleeper that others can wake. A call before the sleep makes the next sleep end at once. */
export class Waker {
  readonly #clock: Clock;
  #called = false;
  #end: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#called = true;
    this.#end();
  }

  async sleep(delay_ms: number): Promise<void> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(delay_ms, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#called = false;
    this.#end = () => {};
  }
}
