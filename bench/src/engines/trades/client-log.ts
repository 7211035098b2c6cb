import type { Clock } from "@voltfog/runtime";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import type { ClientRun } from "./client-messages.ts";
import type { OrderLinks } from "./door-links.ts";
import type { Signed } from "./pair-script.ts";
import type { Answer } from "./reply-count.ts";

/** How long is waited for one more answer. */
const patience_ms = 20_000;
const look_ms = 2;
/** Bytes of a transaction beside its payload. */
const envelope_bytes = 143;

/** Notes what clients send and what they hear until a run is over. */
export class ClientLog {
  readonly #links: OrderLinks;
  readonly #clock: Clock;
  readonly #answered_ms: number[] = [];
  readonly #took_ms: number[] = [];
  readonly #start_ms: number = sharedTime_ms();
  #heard_ms = 0;
  #sent = 0;
  #sent_bytes = 0;
  #refused = 0;
  #turnedAway = 0;

  constructor(o: { links: OrderLinks; clock: Clock }) {
    this.#links = o.links;
    this.#clock = o.clock;
  }

  get start_ms(): number {
    return this.#start_ms;
  }

  get sent(): number {
    return this.#sent;
  }

  send(o: {
    signed: Signed;
    door: number;
    /** When it was meant to be sent, whenever it is. */
    intended_ms: number;
    answered: () => void;
  }): void {
    this.#sent++;
    this.#sent_bytes += o.signed.bytes.length - envelope_bytes;
    this.#links.submit(o.signed, o.door, (answer) => {
      this.#note(answer, o.intended_ms);
      o.answered();
    });
  }

  wait(for_ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(for_ms, resolve));
  }

  /** Resolves when all is answered, or when nobody waits any longer. */
  async run(stop_ms: number): Promise<ClientRun> {
    this.#heard_ms = sharedTime_ms();
    while (this.#links.waiting > 0 && sharedTime_ms() < this.#heard_ms + patience_ms) {
      await this.wait(look_ms);
    }
    return {
      start_ms: this.#start_ms,
      stop_ms,
      answered_ms: Float64Array.from(this.#answered_ms),
      took_ms: Float64Array.from(this.#took_ms),
      refused: this.#refused,
      turnedAway: this.#turnedAway,
      missing: this.#links.forget(),
      payload_bytes: this.#sent_bytes / Math.max(1, this.#sent),
    };
  }

  #note({ word, at_ms }: Answer, intended_ms: number): void {
    this.#heard_ms = at_ms;
    if (word === "turned-away") {
      this.#turnedAway++;
      return;
    }
    if (word === "refused") this.#refused++;
    this.#answered_ms.push(at_ms);
    this.#took_ms.push(at_ms - intended_ms);
  }
}
