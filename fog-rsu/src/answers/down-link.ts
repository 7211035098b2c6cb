import type { SendDown } from "./receipts.ts";

/**
 * The way to the vehicles. The stages are built before the broker listens, and the broker listens only
 * when they are ready; until then nobody is there to be sent anything.
 */
export class DownLink {
  #broker: { send: SendDown } | undefined;

  connect(broker: { send: SendDown }): void {
    this.#broker = broker;
  }

  readonly send: SendDown = (message) => this.#broker?.send(message) ?? false;
}
