import type { Random } from "@voltfog/runtime";

/** Something that is done to a process: killed at once, frozen for a while, or killed and kept away. */
export type ProcessFaultKind = "kill" | "freeze" | "down";
/** Something that is done to a link: cut, deaf in one direction and then cut, or slowed down. */
export type LinkFaultKind = "cut" | "mute" | "slow";
export type FaultKind = ProcessFaultKind | LinkFaultKind;

export interface Fault {
  /** After the beginning. */
  readonly at_ms: number;
  readonly kind: FaultKind;
  /** A process's id or a link's name. */
  readonly target: string;
  /** 0 for a kill, after which the supervisor acts by itself. */
  readonly lasts_ms: number;
}

/** What can be hurt. */
export interface FaultTargets {
  /** Processes that share their job with others of their kind: killed and kept away at any time. */
  readonly shared: readonly string[];
  /** Processes that are alone in their job: killed in the first third only, so that one life shows their memory. */
  readonly single: readonly string[];
  /** Frozen like all others and never killed, for the same reason. */
  readonly spared: readonly string[];
  readonly links: readonly string[];
}

/** Mean time between two faults. */
const pauseMean_ms = 6000;
/** How often each kind is drawn, and how long it lasts. */
const kinds: readonly {
  readonly kind: FaultKind;
  readonly weight: number;
  readonly least_ms: number;
  readonly most_ms: number;
}[] = [
  { kind: "kill", weight: 30, least_ms: 0, most_ms: 0 },
  { kind: "freeze", weight: 25, least_ms: 500, most_ms: 8000 },
  { kind: "down", weight: 10, least_ms: 10_000, most_ms: 40_000 },
  { kind: "cut", weight: 15, least_ms: 1000, most_ms: 15_000 },
  { kind: "mute", weight: 10, least_ms: 1000, most_ms: 6000 },
  { kind: "slow", weight: 10, least_ms: 2000, most_ms: 15_000 },
];
const kindWeights = kinds.reduce((sum, { weight }) => sum + weight, 0);

/**
 * Random faults at random times from one source of chance: the same seed gives the same plan. All have
 * ended when the time is over. At any moment at most one process is kept away.
 */
export function planFaults(o: {
  random: Random;
  for_ms: number;
  targets: FaultTargets;
}): readonly Fault[] {
  const { random, for_ms } = o;
  const faults: Fault[] = [];
  let awayUntil_ms = 0;
  for (let at_ms = pause_ms(random); at_ms < for_ms; at_ms += pause_ms(random)) {
    const { kind, least_ms, most_ms } = drawKind(random);
    const target = drawOne(targetsOf(kind, { ...o, at_ms }), random);
    const lasts_ms = Math.round(least_ms + random.uniform() * (most_ms - least_ms));
    const isTooMany = kind === "down" && at_ms < awayUntil_ms;
    if (target === undefined || isTooMany || at_ms + lasts_ms > for_ms) continue;
    if (kind === "down") awayUntil_ms = at_ms + lasts_ms;
    faults.push({ at_ms: Math.round(at_ms), kind, target, lasts_ms });
  }
  return faults;
}

function targetsOf(
  kind: FaultKind,
  o: { targets: FaultTargets; at_ms: number; for_ms: number },
): readonly string[] {
  const { shared, single, spared, links } = o.targets;
  switch (kind) {
    case "kill":
      // Twice, so that those with a third of the time are killed nearly as often as the others.
      return o.at_ms < o.for_ms / 3 ? [...shared, ...single, ...single] : shared;
    case "freeze":
      return [...shared, ...single, ...spared];
    case "down":
      return shared;
    default:
      return links;
  }
}

function drawKind(random: Random): (typeof kinds)[number] {
  let left = random.uniform() * kindWeights;
  for (const one of kinds) {
    left -= one.weight;
    if (left < 0) return one;
  }
  return kinds[0] as (typeof kinds)[number];
}

function drawOne(from: readonly string[], random: Random): string | undefined {
  return from[Math.floor(random.uniform() * from.length)];
}

/** Exponential: a fault comes at any moment as likely as at any other, also right after one. */
function pause_ms(random: Random): number {
  return -Math.log(1 - random.uniform()) * pauseMean_ms;
}
