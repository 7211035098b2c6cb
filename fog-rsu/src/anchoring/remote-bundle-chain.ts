import {
  type BundleChain,
  type ChainEvidence,
  decodeEventState,
  decodeLogState,
  type EventState,
  eventName,
  type LogState,
  logName,
} from "@voltfog/ledger";
import type { ChainPort } from "./chain-port.ts";

/** A chain that is asked over its port, as far as proof bundles need it. */
export class RemoteBundleChain implements BundleChain {
  readonly #chain: ChainPort;

  constructor(chain: ChainPort) {
    this.#chain = chain;
  }

  async logState(logId: Uint8Array): Promise<LogState | undefined> {
    const value = await this.#value(logName(logId));
    const decoded = value && decodeLogState(value);
    return decoded?.ok ? decoded.value : undefined;
  }

  async eventState(eventId: Uint8Array): Promise<EventState | undefined> {
    const value = await this.#value(eventName(eventId));
    const decoded = value && decodeEventState(value);
    return decoded?.ok ? decoded.value : undefined;
  }

  evidence(wanted: {
    results: readonly number[];
    names: readonly string[];
  }): Promise<ChainEvidence | undefined> {
    return this.#chain.evidence(wanted);
  }

  async #value(name: string): Promise<Uint8Array | undefined> {
    const evidence = await this.#chain.evidence({ results: [], names: [name] });
    return evidence?.names[0]?.value;
  }
}
