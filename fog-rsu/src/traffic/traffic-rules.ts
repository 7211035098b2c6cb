import {
  type AddressRange,
  hostBytes,
  isInRange,
  parseAddressRange,
  type Quarantine,
  type TrafficPolicies,
} from "@voltfog/messages";
import type { Rate } from "./allowance.ts";

/** Why somebody is kept out. */
export type Exclusion = "QUARANTINED" | "ADDRESS_DENIED";

export type RuleSource = Pick<TrafficPolicies, "limits" | "quarantine" | "deny">;

/** Policies made ready to be asked for every connection. Asking costs one comparison per listed range. */
export class TrafficRules {
  readonly #vehicles: ReadonlySet<string>;
  readonly #quarantined: readonly AddressRange[];
  readonly #denied: readonly AddressRange[];
  readonly #limits: ReadonlyMap<string, Rate>;

  constructor({ limits, quarantine, deny }: RuleSource) {
    this.#vehicles = new Set(quarantine.flatMap(({ vehicleId }) => vehicleId ?? []));
    this.#quarantined = rangesOf(quarantine);
    this.#denied = rangesOf(deny);
    this.#limits = new Map(limits.map((limit) => [limit.vehicleId, limit]));
  }

  /** Undefined for who may be here. The vehicle is known once its certificate was seen. */
  exclusionOf(who: {
    vehicleId?: string | undefined;
    address?: string | undefined;
  }): Exclusion | undefined {
    const { vehicleId, address } = who;
    if (vehicleId !== undefined && this.#vehicles.has(vehicleId)) return "QUARANTINED";
    if (this.#denied.length === 0 && this.#quarantined.length === 0) return undefined;
    const host = address === undefined ? undefined : hostBytes(address);
    if (host === undefined) return undefined;
    if (this.#quarantined.some((range) => isInRange(host, range))) return "QUARANTINED";
    return this.#denied.some((range) => isInRange(host, range)) ? "ADDRESS_DENIED" : undefined;
  }

  /** The device's own limit, else everybody's; never wider than the unit's. */
  rateOf(vehicleId: string, unit: Rate): Rate {
    const limit = this.#limits.get(vehicleId) ?? this.#limits.get("*") ?? unit;
    return {
      rate_bytes: Math.min(limit.rate_bytes, unit.rate_bytes),
      ratePackets: Math.min(limit.ratePackets, unit.ratePackets),
    };
  }
}

function rangesOf(rows: readonly Pick<Quarantine, "address">[]): readonly AddressRange[] {
  return rows.flatMap(({ address }) => {
    const parsed = address === undefined ? undefined : parseAddressRange(address);
    return parsed?.ok ? [parsed.value] : [];
  });
}
