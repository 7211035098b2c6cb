import type { Attachment, Move, Trigger } from "./attachment.ts";
import { withoutFrom, withoutInherited, withoutNext, withoutRival } from "./attachment.ts";
import {
  type Choice,
  chooseUnit,
  type LatencyOf,
  type Need,
  type PlacementRules,
  type RangeOf,
  type UnitView,
} from "./choose-unit.ts";
import { LoadBook } from "./load-book.ts";

/** A unit that cannot say in this time that it holds the state gets the vehicle without it. */
const prepareMax_ms = 5000;
/** A vehicle that has not come in this time stays where it is. */
const switchMax_ms = 60_000;
/** By then the new unit has asked for the copy of the state, with the vehicle's first frame. */
const inheritMax_ms = 5000;

export interface Review {
  readonly attachments: readonly Attachment[];
  readonly moves: readonly Move[];
}

/** All that a round is decided from. */
export interface RoundFacts {
  readonly attachments: readonly Attachment[];
  readonly units: readonly UnitView[];
  readonly latencyOf: LatencyOf;
  /** The latency itself where it is not given. */
  readonly rangeOf?: RangeOf;
  readonly now_ms: number;
  readonly rules: PlacementRules;
  /** What a vehicle's functions ask of a unit; nothing where it is not given. */
  readonly needOf?: (vehicleId: string) => Need;
  /** False between two rounds: dead units are left and hand-overs go on, but nothing is counted. */
  readonly isRound?: boolean;
}

interface Round {
  readonly units: ReadonlyMap<string, UnitView>;
  readonly loads: LoadBook;
  readonly latencyOf: LatencyOf;
  readonly rangeOf: RangeOf;
  readonly needOf: (vehicleId: string) => Need;
  readonly now_ms: number;
  readonly rules: PlacementRules;
  readonly isRound: boolean;
  readonly moves: Move[];
  movesLeft: number;
}

const noNeed: Need = { cpu: 0, memory_MB: 0 };

/**
 * One round over all attachments, in the order given. A vehicle leaves its unit only when the unit is
 * dead; when it has in fact connected elsewhere for `moveSamples` rounds; or when another unit has been
 * faster by more than the gain asked for, at its slowest against this one at its fastest, in `moveSamples`
 * rounds, after the cool-down and within the budget of moves. Such a move is made before the old place is left: the new unit first holds the functions' state,
 * then serves beside the old one until the vehicle has come. A vehicle that nobody can take stays where it
 * is; so does one whose unit is not known to be up or dead. Cost: vehicles × units.
 */
export function reviewAttachments(facts: RoundFacts): Review {
  const { units, latencyOf, now_ms, rules, isRound = true } = facts;
  const { needOf = () => noNeed, rangeOf = exactly(latencyOf) } = facts;
  const preparing = facts.attachments.filter(({ next }) => next !== undefined).length;
  const round: Round = {
    units: new Map(units.map((unit) => [unit.id, unit])),
    loads: new LoadBook({ attachments: facts.attachments, needOf }),
    ...{ latencyOf, rangeOf, needOf, now_ms, rules, isRound },
    moves: [],
    movesLeft: Math.max(0, rules.movesPerRoundMax - preparing),
  };
  const attachments = facts.attachments.map((before) => {
    const placed = reviewOne(before, round);
    round.loads.replace(before, placed);
    const after = withStandby(placed, round);
    if (after !== placed) round.loads.replace(placed, after);
    return after;
  });
  return { attachments, moves: round.moves };
}

function reviewOne(before: Attachment, round: Round): Attachment {
  if (isUnknown(before.unitId, round)) return awaitUnit(before, round);
  if (!isAlive(before.unitId, round)) return leaveDeadUnit(before, round);
  const isOver = round.now_ms - before.since_ms >= inheritMax_ms;
  const here = goOn(isOver ? withoutInherited(before) : before, round);
  if (!round.isRound || here.unitId !== before.unitId) return here;
  const latency_ms = round.latencyOf(here) ?? here.latency_ms;
  const measured = { ...here, latency_ms };
  const connected = connectedElsewhere(measured, round);
  if (connected !== undefined) return followVehicle(measured, connected, round);
  if (measured.next !== undefined || measured.from !== undefined) return withoutRival(measured);
  return challenge(measured, round);
}

function isAlive(unitId: string | null | undefined, round: Round): boolean {
  return round.units.get(unitId ?? "")?.alive === true;
}

function isUnknown(unitId: string | null, round: Round): boolean {
  return round.units.get(unitId ?? "")?.unknown === true;
}

function isSilent(unitId: string, round: Round): boolean {
  return round.units.get(unitId)?.silent === true;
}

function isConnected(vehicleId: string, unitId: string, round: Round): boolean {
  return round.units.get(unitId)?.connected.has(vehicleId) === true;
}

/**
 * Its unit is not up yet: the place stays, and whoever the vehicle went to meanwhile serves it until it
 * comes, as in any hand-over.
 */
function awaitUnit(before: Attachment, round: Round): Attachment {
  const here = withoutNext(withoutRival(before));
  const from = connectedElsewhere(withoutFrom(here), round);
  if (from === undefined) return isAlive(before.from, round) ? here : withoutFrom(here);
  if (from === before.from) return here;
  return { ...here, from, since_ms: round.now_ms };
}

/**
 * To whoever has the functions' state: the unit it came from, the one being prepared, the standby; else the best.
 * A unit that is silent takes nobody: where all fall silent at once it is this controller that is cut off, and
 * units that it cannot tell anything would get each other's vehicles.
 */
function leaveDeadUnit(before: Attachment, round: Round): Attachment {
  const { vehicleId, unitId: dead, from, next, standbyUnitId } = before;
  const at = [...round.units.values()].find(
    (unit) => unit.alive && unit.connected.has(vehicleId),
  )?.id;
  const heirs = [at, from, next?.unitId, standbyUnitId].flatMap((heir) => heir ?? []);
  for (const heir of heirs.filter((one) => isAlive(one, round))) {
    if (heir !== at && isSilent(heir, round)) return before;
    const question = questionOf(vehicleId, round, (unit) => unit.id === heir);
    const choice = heir === at ? { ...came(vehicleId, heir, round) } : chooseUnit(question);
    if (choice === undefined) continue;
    const holds = round.units.get(heir)?.holds?.(vehicleId) === true;
    const holder = holds ? undefined : holderOf(before, heir, round);
    const copy = `a copy of its functions' state`;
    const takes = `${heir} takes over${holder === undefined ? "" : `, ${holder} holds ${copy}`}`;
    const reason = `${dead} is dead; ${holds ? `${heir} holds ${copy}` : takes}`;
    return inherit(move(before, { ...choice, reason }, round, "dead"), { holder, dead });
  }
  const question = questionOf(vehicleId, round, ({ id }) => !isSilent(id, round));
  const choice = chooseUnit({ ...question, named: dead });
  if (choice === undefined) return withoutFrom(withoutNext(withoutRival(before)));
  const reason = `${dead} is dead; ${choice.reason}`;
  const holder = holderOf(before, choice.unitId, round);
  return inherit(move(before, { ...choice, reason }, round, "dead"), { holder, dead });
}

/** The standby, where it lives and holds the state, and another unit serves. */
function holderOf(before: Attachment, heir: string, round: Round): string | undefined {
  const standby = round.units.get(before.standbyUnitId ?? "");
  if (standby === undefined || standby.id === heir || !standby.alive) return undefined;
  return standby.holds?.(before.vehicleId) === true ? standby.id : undefined;
}

function inherit(
  moved: Attachment,
  { holder, dead }: { holder: string | undefined; dead: string },
): Attachment {
  return holder === undefined ? moved : { ...moved, inherited: { holderId: holder, deadId: dead } };
}

/** The next step of a hand-over that is under way. */
function goOn(here: Attachment, round: Round): Attachment {
  const { vehicleId, next, from, since_ms } = here;
  if (from !== undefined) {
    if (!isAlive(from, round) || isConnected(vehicleId, here.unitId, round)) {
      return withoutFrom(here);
    }
    const isLate = round.now_ms - since_ms >= switchMax_ms;
    if (!isLate || !isConnected(vehicleId, from, round)) return here;
    const reason = `stayed connected to ${from}, did not come to ${here.unitId}`;
    return move(here, { ...came(vehicleId, from, round), reason }, round, "connected");
  }
  if (next === undefined) return here;
  if (!isAlive(next.unitId, round)) return withoutNext(here);
  const holds = round.units.get(next.unitId)?.holds?.(vehicleId) === true;
  if (!holds && round.now_ms - next.since_ms < prepareMax_ms) return here;
  const { unitId, latency_ms, why: reason, considered } = next;
  const moved = move(here, { unitId, latency_ms, reason, considered }, round, "faster");
  return { ...moved, from: here.unitId };
}

function connectedElsewhere(
  { vehicleId, unitId, from }: Attachment,
  round: Round,
): string | undefined {
  if (isConnected(vehicleId, unitId, round)) return undefined;
  for (const other of round.units.values()) {
    if (other.id !== from && other.alive && other.connected.has(vehicleId)) return other.id;
  }
  return undefined;
}

/** Functions belong where the vehicle really is: agents fall back on their own list while nobody answers. */
function followVehicle(here: Attachment, unitId: string, round: Round): Attachment {
  const rounds = roundsOf(here, { unitId, cause: "connected" });
  if (rounds < round.rules.moveSamples) {
    return { ...here, rival: { unitId, cause: "connected", rounds } };
  }
  const reason = `found connected to ${unitId} for ${rounds} rounds, not to ${here.unitId}`;
  const moved = move(here, { ...came(here.vehicleId, unitId, round), reason }, round, "connected");
  // The state is still where the vehicle was.
  return { ...moved, from: here.unitId };
}

function challenge(here: Attachment, round: Round): Attachment {
  const { rules } = round;
  const choice = chooseUnit(questionOf(here.vehicleId, round));
  if (choice === undefined || choice.unitId === here.unitId) return withoutRival(here);
  if (here.latency_ms === null) return withoutRival(here);
  const gain_ms = here.latency_ms - choice.latency_ms;
  // What counts as equal for whoever comes is no reason to leave.
  const { moveGain_ms, moveGainRatio, equalLatency_ms } = rules;
  const least_ms = Math.max(moveGain_ms, moveGainRatio * here.latency_ms, equalLatency_ms);
  if (sureGain_ms(here, choice.unitId, round) <= least_ms) return withoutRival(here);
  const rounds = roundsOf(here, { unitId: choice.unitId, cause: "faster" });
  const cooled = round.now_ms - here.since_ms >= rules.moveCooldown_ms;
  if (rounds < rules.moveSamples || !cooled || round.movesLeft === 0) {
    return { ...here, rival: { unitId: choice.unitId, cause: "faster", rounds } };
  }
  round.movesLeft -= 1;
  const { unitId, latency_ms, considered } = choice;
  const saved = `${gain_ms.toFixed(1)} ms faster than ${here.unitId} for ${rounds} rounds`;
  const why = `${saved}; ${choice.reason}`;
  const next = { unitId, latency_ms, considered, why, since_ms: round.now_ms };
  return { ...withoutRival(here), next };
}

/** By how much the other unit was faster in all of the latest reports: a burst of a few seconds is not. */
function sureGain_ms({ vehicleId, unitId }: Attachment, other: string, round: Round): number {
  const here = round.rangeOf({ vehicleId, unitId });
  const there = round.rangeOf({ vehicleId, unitId: other });
  if (here === undefined || there === undefined) return 0;
  return here.low_ms - there.high_ms;
}

function exactly(latencyOf: LatencyOf): RangeOf {
  return (link) => {
    const latency_ms = latencyOf(link);
    return latency_ms === undefined ? undefined : { low_ms: latency_ms, high_ms: latency_ms };
  };
}

function roundsOf(
  here: Attachment,
  rival: { unitId: string; cause: "faster" | "connected" },
): number {
  const known = here.rival;
  if (known?.unitId !== rival.unitId || known.cause !== rival.cause) return 1;
  return known.rounds + 1;
}

/** A standby that is dead, or serves itself now, is replaced: in another zone where there is one with room. */
function withStandby(here: Attachment, round: Round): Attachment {
  const { standbyUnitId, unitId } = here;
  const isStanding = isAlive(standbyUnitId, round) || isUnknown(standbyUnitId, round);
  if (standbyUnitId !== unitId && isStanding) return here;
  const zone = round.units.get(unitId)?.zone ?? null;
  const others = questionOf(here.vehicleId, round, ({ id }) => id !== unitId);
  const elsewhere = others.units.filter((unit) => (unit.zone ?? null) !== zone);
  const question = { ...others, loads: round.loads.both };
  const choice = chooseUnit({ ...question, units: elsewhere }) ?? chooseUnit(question);
  const next = choice?.unitId ?? null;
  return next === standbyUnitId ? here : { ...here, standbyUnitId: next };
}

function questionOf(
  vehicleId: string,
  round: Round,
  only: (unit: UnitView) => boolean = () => true,
): Parameters<typeof chooseUnit>[0] {
  const { latencyOf, rules, needOf, loads } = round;
  const units = [...round.units.values()].filter(only);
  return { vehicleId, units, loads: loads.active, latencyOf, rules, need: needOf(vehicleId) };
}

type Target = Pick<Attachment, "unitId" | "latency_ms" | "reason" | "considered">;

/** A unit that the vehicle is connected to whatever anybody decided. */
function came(vehicleId: string, unitId: string, round: Round): Target {
  const latency_ms = round.latencyOf({ vehicleId, unitId }) ?? null;
  return { unitId, latency_ms, reason: "", considered: [] };
}

function move(
  before: Attachment,
  target: Choice | Target,
  round: Round,
  trigger: Trigger,
): Attachment {
  const { vehicleId, unitId: from, standbyUnitId: standby } = before;
  const { unitId: to, latency_ms, reason, considered } = target;
  round.moves.push({ vehicleId, from, to, trigger, why: reason });
  // Where it was, its functions' state is newest.
  const standbyUnitId = standby === to ? from : standby;
  const since_ms = round.now_ms;
  return { vehicleId, unitId: to, standbyUnitId, latency_ms, reason, since_ms, considered };
}
