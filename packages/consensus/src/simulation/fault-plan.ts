import type { EngineChoice } from "@voltfog/ledger";
import type { Random } from "@voltfog/runtime";
import type { VoteMessage } from "../voting/message.ts";

/** What gets lost: one kind of vote, all that tells of a decision, or everything. */
export type Lost = VoteMessage["type"] | "decisions" | "everything";

/** Just then, right after the next vote goes out, or while the next one is written. */
export type CrashMoment = "now" | "after-vote" | "while-writing";

/** One thing that goes wrong for a while. */
export type Fault = { readonly at_ms: number; readonly for_ms: number } & (
  | { readonly type: "crash"; readonly voter: number; readonly moment: CrashMoment }
  | { readonly type: "partition"; readonly groups: readonly number[] }
  /** Some links lose some of their messages; `links` has one entry for every ordered pair of voters. */
  | {
      readonly type: "loss";
      readonly rate: number;
      readonly of: Lost;
      readonly links: readonly boolean[];
    }
  | { readonly type: "slow"; readonly voter: number; readonly extra_ms: number }
  /** One voter's wall clock is off. */
  | { readonly type: "clock"; readonly voter: number; readonly offset_ms: number }
  /** Clients send again what they sent before. */
  | { readonly type: "replay" }
);

/** How a voter lies; see lies.ts and collector-lies.ts. Twins are two machines with one key that talk to half of the others each. */
export type FaultyStyle =
  | "twins"
  | "forgetful"
  | "usurper"
  | "forger"
  | "deserter"
  | "flooder"
  | "slanderer"
  | "mute"
  | "hoarder"
  | "favourer"
  | "counterfeiter"
  | "turncoat";

/** A transaction that changes who votes; no fault, but it comes while faults last. */
export interface SetChange {
  readonly at_ms: number;
  readonly order: "join" | "leave";
  readonly seat: number;
}

export interface FaultPlan {
  /** All machines. */
  readonly seats: number;
  readonly changes: readonly SetChange[];
  readonly faults: readonly Fault[];
  readonly faulty: ReadonlyMap<number, FaultyStyle>;
  readonly clockSkews_ms: readonly number[];
  /** Share of messages lost and delivered twice while faults last. */
  readonly loss: number;
  readonly duplication: number;
  readonly latency_ms: number;
}

export const faultPhase_ms = 3000;

const stylesOfTurns: readonly FaultyStyle[] = [
  "twins",
  "forgetful",
  "usurper",
  "forger",
  "deserter",
  "flooder",
  "slanderer",
];
/** Where the leader stays until somebody replaces it, silence is an attack of its own. */
const stylesOfStaying: readonly FaultyStyle[] = [...stylesOfTurns, "mute"];
/** Where one voter collects the votes of the others, it may do with them what it likes. */
const stylesOfCollecting: readonly FaultyStyle[] = [
  ...stylesOfStaying,
  "hoarder",
  "favourer",
  "counterfeiter",
];
/** And where shares may decide alone, they may be denied. */
const stylesOfSharing: readonly FaultyStyle[] = [...stylesOfCollecting, "turncoat"];
const moments: readonly CrashMoment[] = ["now", "now", "after-vote", "after-vote", "while-writing"];
const faultsMin = 3;
/** Twice as likely: a block that is final at one voter only is where agreement is lost or kept. */
const lossesOfVotes: readonly Lost[] = [
  "proposal",
  "prepare",
  "commit",
  "round-change",
  "decisions",
  "decisions",
  "everything",
];

const lossesOfCollecting: readonly Lost[] = [
  ...lossesOfVotes,
  "prepare-certificate",
  "commit-certificate",
];

/** Each as likely as its share of the list. */
const kinds: readonly Fault["type"][] = [
  "crash",
  "crash",
  "partition",
  "loss",
  "slow",
  "clock",
  "replay",
];

/** What goes wrong in one run: three to eight faults, and in two of three runs liars up to the limit. */
export function planFaults(options: {
  random: Random;
  engine: EngineChoice;
  /** Those who vote from the start; only these lie. */
  voters: number;
  seats: number;
  faultLimit: number;
  /** Every liar lies like this, and there are liars; by chance where not given. */
  style: FaultyStyle | undefined;
}): FaultPlan {
  const { random, engine, voters, seats } = options;
  const pick = (below: number): number => Math.floor(random.uniform() * below);
  const styles = stylesOf(engine);
  const faulty = new Map<number, FaultyStyle>();
  if (options.style !== undefined || random.uniform() < 0.67) {
    for (let i = 0; i < options.faultLimit; i++) {
      faulty.set(pick(voters), options.style ?? styles[pick(styles.length)] ?? "twins");
    }
  }
  const count = faultsMin + pick(6);
  const isDeaf = faulty.size > 0 && random.uniform() < 0.5;
  const first = pick(kinds.length);
  // The first two are of different kinds, so that no run knows one kind of fault alone.
  const others = kinds.flatMap((kind, i) => (kind === kinds[first] ? [] : [i]));
  const second = others[pick(others.length)] ?? 0;
  const faults = Array.from({ length: count }, (_, i) =>
    planFault({
      ...{ random, seats, pick, losses: lossesOf(engine) },
      kind: kinds[[first, second][i] ?? pick(kinds.length)],
    }),
  );
  return {
    seats,
    changes: planChanges({ random, voters, seats, pick }),
    faults: isDeaf ? [...faults, planDeafness({ random, seats, pick })] : faults,
    faulty,
    clockSkews_ms: Array.from({ length: seats }, () => 40 * random.uniform() - 20),
    loss: random.uniform() < 0.5 ? 0 : 0.15 * random.uniform(),
    duplication: 0.05 * random.uniform(),
    latency_ms: 1 + 12 * random.uniform(),
  };
}

function hasCollectors({ name }: EngineChoice): boolean {
  return name === "linear" || name === "sbft" || name === "hotstuff";
}

function stylesOf(engine: EngineChoice): readonly FaultyStyle[] {
  if (engine.name === "poa") return stylesOfTurns;
  if (engine.name === "sbft") return stylesOfSharing;
  return hasCollectors(engine) ? stylesOfCollecting : stylesOfStaying;
}

function lossesOf(engine: EngineChoice): readonly Lost[] {
  return hasCollectors(engine) ? lossesOfCollecting : lossesOfVotes;
}

/** One voter alone hears of decisions, and nobody hears of them from it: what liars wait for. */
function planDeafness(options: {
  random: Random;
  seats: number;
  pick: (below: number) => number;
}): Fault {
  const { random, seats, pick } = options;
  const at_ms = 0.7 * faultPhase_ms * random.uniform();
  const hearer = pick(seats);
  const links = Array.from({ length: seats * seats }, (_, link) => link % seats !== hearer);
  return {
    type: "loss",
    at_ms,
    for_ms: 400 + 800 * random.uniform(),
    rate: 1,
    of: "decisions",
    links,
  };
}

/** Every spare joins, and for each somebody leaves later, sometimes the one that came. */
function planChanges(options: {
  random: Random;
  voters: number;
  seats: number;
  pick: (below: number) => number;
}): SetChange[] {
  const { random, voters, seats, pick } = options;
  const changes: SetChange[] = [];
  for (let seat = voters; seat < seats; seat++) {
    const at_ms = 0.6 * faultPhase_ms * random.uniform();
    const leaving = pick(seat + 1);
    changes.push({ at_ms, order: "join", seat });
    const later_ms = at_ms + 0.4 * faultPhase_ms * random.uniform();
    changes.push({ at_ms: later_ms, order: "leave", seat: leaving });
  }
  return changes;
}

function planFault(options: {
  random: Random;
  seats: number;
  pick: (below: number) => number;
  losses: readonly Lost[];
  kind: Fault["type"] | undefined;
}): Fault {
  const { random, seats, pick, losses } = options;
  const time = { at_ms: faultPhase_ms * random.uniform(), for_ms: 20 + 1200 * random.uniform() };
  switch (options.kind) {
    case "crash": {
      const moment = moments[pick(moments.length)] ?? "now";
      const for_ms = moment === "now" ? time.for_ms : 5 + 60 * random.uniform();
      return { type: "crash", ...time, for_ms, voter: pick(seats), moment };
    }
    case "partition":
      return { type: "partition", ...time, groups: Array.from({ length: seats }, () => pick(2)) };
    case "loss": {
      const of = losses[pick(losses.length)] ?? "everything";
      const share = random.uniform();
      const links = Array.from({ length: seats * seats }, () => random.uniform() < share);
      return { type: "loss", ...time, rate: 0.5 + 0.5 * random.uniform(), of, links };
    }
    case "clock":
      return {
        type: "clock",
        ...time,
        voter: pick(seats),
        offset_ms: 1200 * random.uniform() - 600,
      };
    case "replay":
      return { type: "replay", ...time };
    default:
      return { type: "slow", ...time, voter: pick(seats), extra_ms: 200 * random.uniform() };
  }
}
