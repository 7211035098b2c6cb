import {
  type Choice,
  type Considered,
  chooseUnit,
  type LatencyOf,
  type PlacementRules,
  type UnitView,
} from "./choose-unit.ts";

/** Where one vehicle belongs, since when and why. */
export interface Attachment {
  readonly vehicleId: string;
  readonly unitId: string;
  readonly latency_ms: number | null;
  readonly reason: string;
  readonly since_ms: number;
  readonly considered: readonly Considered[];
  /** A unit that has looked better, or that the vehicle has shown up at, for so many rounds. */
  readonly rival?: {
    readonly unitId: string;
    readonly cause: "faster" | "connected";
    readonly rounds: number;
  };
}

export interface Review {
  readonly attachments: readonly Attachment[];
  /** Vehicles whose unit changed. */
  readonly moved: readonly string[];
}

interface Round {
  readonly units: ReadonlyMap<string, UnitView>;
  readonly loads: Map<string, number>;
  readonly latencyOf: LatencyOf;
  readonly now_ms: number;
  readonly rules: PlacementRules;
}

/**
 * One round over all attachments, in the order given. A vehicle leaves its unit only when the unit is
 * dead; when it has in fact connected elsewhere for `moveSamples` rounds; or when another unit has been
 * faster by more than the gain asked for in `moveSamples` rounds, after the cool-down. A vehicle that
 * nobody can take stays where it is. Cost: vehicles × units.
 */
export function reviewAttachments(options: {
  attachments: readonly Attachment[];
  units: readonly UnitView[];
  latencyOf: LatencyOf;
  now_ms: number;
  rules: PlacementRules;
}): Review {
  const round: Round = {
    units: new Map(options.units.map((unit) => [unit.id, unit])),
    loads: loadsOf(options.attachments),
    latencyOf: options.latencyOf,
    now_ms: options.now_ms,
    rules: options.rules,
  };
  const moved: string[] = [];
  const attachments = options.attachments.map((before) => {
    const after = reviewOne(before, round);
    if (after.unitId !== before.unitId) {
      moved.push(after.vehicleId);
      round.loads.set(before.unitId, (round.loads.get(before.unitId) ?? 1) - 1);
      round.loads.set(after.unitId, (round.loads.get(after.unitId) ?? 0) + 1);
    }
    return after;
  });
  return { attachments, moved };
}

/** Vehicles per unit. */
export function loadsOf(attachments: Iterable<Attachment>): Map<string, number> {
  const loads = new Map<string, number>();
  for (const { unitId } of attachments) loads.set(unitId, (loads.get(unitId) ?? 0) + 1);
  return loads;
}

function reviewOne(before: Attachment, round: Round): Attachment {
  const unit = round.units.get(before.unitId);
  if (unit === undefined || !unit.alive) return leaveDeadUnit(before, round);
  const latency_ms = round.latencyOf(before) ?? before.latency_ms;
  const here = { ...before, latency_ms };
  const connected = connectedElsewhere(here, unit, round);
  if (connected !== undefined) return followVehicle(here, connected, round);
  return challenge(here, round);
}

function leaveDeadUnit(before: Attachment, round: Round): Attachment {
  const choice = choose(before.vehicleId, round);
  if (choice === undefined) return withoutRival(before);
  return attach(before.vehicleId, choice, round, `${before.unitId} is dead`);
}

function connectedElsewhere(here: Attachment, unit: UnitView, round: Round): UnitView | undefined {
  if (unit.connected.has(here.vehicleId)) return undefined;
  for (const other of round.units.values()) {
    if (other.alive && other.connected.has(here.vehicleId)) return other;
  }
  return undefined;
}

/** Functions belong where the vehicle really is: agents fall back on their own list while nobody answers. */
function followVehicle(here: Attachment, other: UnitView, round: Round): Attachment {
  const rounds = roundsOf(here, { unitId: other.id, cause: "connected" });
  if (rounds < round.rules.moveSamples) {
    return { ...here, rival: { unitId: other.id, cause: "connected", rounds } };
  }
  const latency_ms = round.latencyOf({ vehicleId: here.vehicleId, unitId: other.id }) ?? null;
  return {
    vehicleId: here.vehicleId,
    unitId: other.id,
    latency_ms,
    reason: `found connected to ${other.id} for ${rounds} rounds, not to ${here.unitId}`,
    since_ms: round.now_ms,
    considered: [],
  };
}

function challenge(here: Attachment, round: Round): Attachment {
  const { rules } = round;
  const choice = choose(here.vehicleId, round);
  if (choice === undefined || choice.unitId === here.unitId) return withoutRival(here);
  if (here.latency_ms === null) return withoutRival(here);
  const gain_ms = here.latency_ms - choice.latency_ms;
  const asked_ms = Math.max(rules.moveGain_ms, rules.moveGainRatio * here.latency_ms);
  if (gain_ms <= asked_ms) return withoutRival(here);
  const rounds = roundsOf(here, { unitId: choice.unitId, cause: "faster" });
  const cooled = round.now_ms - here.since_ms >= rules.moveCooldown_ms;
  if (rounds < rules.moveSamples || !cooled) {
    return { ...here, rival: { unitId: choice.unitId, cause: "faster", rounds } };
  }
  const why = `${gain_ms.toFixed(1)} ms faster than ${here.unitId} for ${rounds} rounds`;
  return attach(here.vehicleId, choice, round, why);
}

function roundsOf(
  here: Attachment,
  rival: { unitId: string; cause: "faster" | "connected" },
): number {
  const known = here.rival;
  if (known?.unitId !== rival.unitId || known.cause !== rival.cause) return 1;
  return known.rounds + 1;
}

function choose(vehicleId: string, round: Round): Choice | undefined {
  const { loads, latencyOf, rules } = round;
  return chooseUnit({ vehicleId, units: [...round.units.values()], loads, latencyOf, rules });
}

function attach(vehicleId: string, choice: Choice, round: Round, why: string): Attachment {
  return {
    vehicleId,
    unitId: choice.unitId,
    latency_ms: choice.latency_ms,
    reason: `${why}; ${choice.reason}`,
    since_ms: round.now_ms,
    considered: choice.considered,
  };
}

function withoutRival(attachment: Attachment): Attachment {
  const { rival: _, ...rest } = attachment;
  return rest;
}
