import type { Clock } from "@voltfog/runtime";
import { createHttpClient, type HttpClient, type TlsIdentity } from "@voltfog/runtime/node";
import type { Assignment } from "./assignment.ts";
import {
  type FunctionState,
  parseFunctionStates,
  statesMax_bytes,
  vehiclesPerCall,
} from "./function-state.ts";

/** How states are asked of other units; undefined where the unit does not answer in time or as agreed. */
export interface StateSource {
  states(asked: {
    readonly unitId: string;
    /** At most `vehiclesPerCall`. */
    readonly vehicles: readonly string[];
    readonly limit_ms: number;
  }): Promise<readonly FunctionState[] | undefined>;
}

/** Over HTTPS with mutual TLS; where other units are reached the assignment says. */
export class PeerStates implements StateSource {
  readonly #identity: TlsIdentity;
  readonly #clock: Clock;
  #clients = new Map<string, HttpClient>();

  constructor(options: { identity: TlsIdentity; clock: Clock }) {
    this.#identity = options.identity;
    this.#clock = options.clock;
  }

  /** Keeps connections to units whose address stays. */
  use(peers: Exclude<Assignment["peers"], undefined>): void {
    const kept = new Map<string, HttpClient>();
    for (const { unitId, url } of peers) {
      const known = this.#clients.get(unitId);
      const isSame = known?.url === url.replace(/\/+$/, "");
      const client = isSame && known !== undefined ? known : this.#clientOf(unitId, url);
      kept.set(unitId, client);
    }
    for (const [unitId, client] of this.#clients) {
      if (kept.get(unitId) !== client) client.close();
    }
    this.#clients = kept;
  }

  async states(
    asked: Parameters<StateSource["states"]>[0],
  ): Promise<readonly FunctionState[] | undefined> {
    const { unitId, limit_ms } = asked;
    const vehicles = asked.vehicles.slice(0, vehiclesPerCall);
    const client = this.#clients.get(unitId);
    if (client === undefined || vehicles.length === 0) return undefined;
    const abort = new AbortController();
    const cancel = this.#clock.after(limit_ms, () => abort.abort());
    try {
      const path = `/v1/function-states?vehicles=${vehicles.join(",")}`;
      const { signal } = abort;
      const answer = await client.call({ path, signal, bodyMax_bytes: statesMax_bytes });
      if (answer.status !== 200) return undefined;
      const parsed = parseFunctionStates(JSON.parse(new TextDecoder().decode(answer.body)));
      if (!parsed.ok) return undefined;
      // A unit that answers for vehicles nobody asked for is not heard on them.
      return parsed.value.filter(({ vehicleId }) => vehicles.includes(vehicleId));
    } catch {
      return undefined;
    } finally {
      cancel();
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients = new Map();
  }

  #clientOf(peerId: string, url: string): HttpClient {
    return createHttpClient({ url, peerId, identity: this.#identity });
  }
}
