import { beanBound_Wh } from "@voltfog/market";
import { assert } from "@voltfog/runtime";
import { beanIssuerName, beansName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type BeanIssuer,
  beanIssuerOf,
  beansOf,
  encodeBeanIssuer,
  encodeBeans,
} from "./bean-records.ts";
import { operatorOf, tariffOf } from "./union-records.ts";

/** Adds to or takes from an account's beans of one issuer; what is taken must be there. */
export function moveBeans(
  state: StateTree,
  move: { account: Uint8Array; organisation: string; by_Wh: number },
): StateTree {
  const { account, organisation, by_Wh } = move;
  if (by_Wh === 0) return state;
  const holdings = beansOf(state, account);
  const held_Wh = holdings.find((one) => one.organisation === organisation)?.energy_Wh ?? 0;
  const energy_Wh = held_Wh + by_Wh;
  assert(energy_Wh >= 0, "beans are taken where they are");
  const others = holdings.filter((one) => one.organisation !== organisation);
  const all = energy_Wh === 0 ? others : [...others, { organisation, energy_Wh }];
  const sorted = all.sort((a, b) => (a.organisation < b.organisation ? -1 : 1));
  return state.with(beansName(account), encodeBeans(sorted));
}

/**
 * Counts new beans as outstanding, or refuses what would cost more at the operator's tariff than the rewards
 * that it has earned. Whoever gets them is the caller's to say.
 */
export function issueBeans(
  state: StateTree,
  { organisation, energy_Wh }: { organisation: string; energy_Wh: number },
): StateTree | "BEANS_BEYOND_REWARDS" | "TARIFF_UNKNOWN" {
  const tariff = tariffOf(state, organisation);
  if (tariff === undefined) return "TARIFF_UNKNOWN";
  const issuer = beanIssuerOf(state, organisation);
  const outstanding_Wh = issuer.outstanding_Wh + energy_Wh;
  const issued_Wh = issuer.issued_Wh + energy_Wh;
  const { pricePerKWh } = tariff;
  const earned = operatorOf(state, organisation)?.earned ?? 0;
  const bound_Wh = beanBound_Wh({ earned, pricePerKWh });
  if (outstanding_Wh > bound_Wh || !Number.isSafeInteger(issued_Wh)) return "BEANS_BEYOND_REWARDS";
  return withIssuer(state, organisation, { ...issuer, outstanding_Wh, issued_Wh });
}

/** Beans that paid for energy are gone. */
export function redeemBeans(
  state: StateTree,
  { organisation, energy_Wh }: { organisation: string; energy_Wh: number },
): StateTree {
  if (energy_Wh === 0) return state;
  const issuer = beanIssuerOf(state, organisation);
  return withIssuer(state, organisation, {
    ...issuer,
    outstanding_Wh: issuer.outstanding_Wh - energy_Wh,
    redeemed_Wh: issuer.redeemed_Wh + energy_Wh,
  });
}

export function withIssuer(state: StateTree, organisation: string, issuer: BeanIssuer): StateTree {
  return state.with(beanIssuerName(organisation), encodeBeanIssuer(issuer));
}
