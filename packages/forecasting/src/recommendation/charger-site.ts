/** Plug types by their usual names; Belib' and Enefit VOLT name the same ones differently. */
export const plugTypes = ["type2", "ccs", "chademo", "schuko", "type3"] as const;

export type PlugType = (typeof plugTypes)[number];

export interface Plug {
  readonly id: string;
  readonly types: readonly PlugType[];
  /** 0 where the network does not say. */
  readonly power_kW: number;
}

/** Plugs in one place: whoever comes takes any that fits. */
export interface ChargerSite {
  readonly id: string;
  readonly name: string;
  /** WGS 84, degrees. */
  readonly latitude: number;
  readonly longitude: number;
  readonly plugs: readonly Plug[];
  /** 0 where the network does not say. */
  readonly price_EURperkWh: number;
}

/** What a driver's car can use. */
export interface PlugWish {
  /** Any of these. */
  readonly types: readonly PlugType[];
  readonly powerMin_kW: number;
}

export function fits(plug: Plug, wish: PlugWish): boolean {
  return plug.power_kW >= wish.powerMin_kW && plug.types.some((type) => wish.types.includes(type));
}
