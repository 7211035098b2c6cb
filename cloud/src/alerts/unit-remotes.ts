import type { Clock } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import { createRemote, type Remote } from "../remote/remote.ts";
import type { Address } from "../site-config.ts";

/** Connections to units that hold up none of those that entries and events come over. */
export class UnitRemotes {
  readonly #remotes: ReadonlyMap<string, Remote>;

  constructor(options: { units: readonly Address[]; identity: TlsIdentity; clock: Clock }) {
    const { units, identity, clock } = options;
    this.#remotes = new Map(
      units.map(({ id, url }) => [id, createRemote({ url, peerId: id, identity, clock })]),
    );
  }

  of(unitId: string): Remote | undefined {
    return this.#remotes.get(unitId);
  }

  close(): void {
    for (const remote of this.#remotes.values()) remote.close();
  }
}
