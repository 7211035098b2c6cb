import type { Attachment, Move, Trigger } from "./attachment.ts";
import { withoutFrom, withoutInherited, withoutNext, withoutRival } from "./attachment.ts";
import { choosePlaces } from "./choose-places.ts";
import type { Choice } from "./decision-facts.ts";
import { fasterPlaces } from "./faster-places.ts";
import { placeStandbys } from "./place-standbys.ts";
import {
  isAlive,
  isUnknown,
  openRound,
  questionOf,
  type Round,
  type RoundFacts,
  roundsOf,
  wishOf,
} from "./round.ts";

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

/**
 * One round over all attachments. A vehicle leaves its unit only when the unit is dead; when it has in fact
 * connected elsewhere for `moveSamples` rounds; or when another unit has been faster by more than the gain
 * asked for, at its slowest against this one at its fastest, in `moveSamples` rounds, after the cool-down and
 * within the budget of moves. Such a move is made before the old place is left: the new unit first holds the
 * functions' state, then serves beside the old one until the vehicle has come. Which unit is the solver's
 * answer, for all of one kind together: those whose unit is dead, those who may move, standbys. A vehicle that
 * nobody can take stays where it is; so does one whose unit is not known to be up or dead. Cost: vehicles × units.
 */
export function reviewAttachments(facts: RoundFacts): Review {
  const round = openRound(facts);
  const attachments = facts.attachments.map((before, i) => {
    const after = reviewOne(before, round, i);
    round.loads.replace(before, after);
    return after;
  });
  placeHomeless(attachments, round);
  fasterPlaces(attachments, round);
  placeStandbys(attachments, round);
  return { attachments, moves: round.moves };
}

function reviewOne(before: Attachment, round: Round, place: number): Attachment {
  if (isUnknown(before.unitId, round)) return awaitUnit(before, round);
  if (!isAlive(before.unitId, round)) return leaveDeadUnit(before, round, place);
  const isOver = round.now_ms - before.since_ms >= inheritMax_ms;
  const here = goOn(isOver ? withoutInherited(before) : before, round);
  if (!round.isRound || here.unitId !== before.unitId) return here;
  const latency_ms = round.latencyOf(here) ?? here.latency_ms;
  const measured = { ...here, latency_ms };
  const connected = connectedElsewhere(measured, round);
  if (connected !== undefined) return followVehicle(measured, connected, round);
  if (measured.next !== undefined || measured.from !== undefined) return withoutRival(measured);
  round.settled.push(place);
  return measured;
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
 * To whoever has the functions' state: the unit it came from, the one being prepared, the standby; else to the
 * best, which is decided for all of these together.
 * A unit that is silent takes nobody: where all fall silent at once it is this controller that is cut off, and
 * units that it cannot tell anything would get each other's vehicles.
 */
function leaveDeadUnit(before: Attachment, round: Round, place: number): Attachment {
  const { vehicleId, unitId: dead, from, next, standbyUnitId } = before;
  const at = [...round.units.values()].find(
    (unit) => unit.alive && unit.connected.has(vehicleId),
  )?.id;
  const heirs = [at, from, next?.unitId, standbyUnitId].flatMap((heir) => heir ?? []);
  for (const heir of heirs.filter((one) => isAlive(one, round))) {
    if (heir !== at && isSilent(heir, round)) return before;
    const [only] = choosePlaces(
      questionOf([wishOf(vehicleId, round)], round, ({ id }) => id === heir),
    );
    const choice = heir === at ? came(vehicleId, heir, round) : only;
    if (choice === undefined) continue;
    const holds = round.units.get(heir)?.holds?.(vehicleId) === true;
    const holder = holds ? undefined : holderOf(before, heir, round);
    const copy = `a copy of its functions' state`;
    const takes = `${heir} takes over${holder === undefined ? "" : `, ${holder} holds ${copy}`}`;
    const reason = `${dead} is dead; ${holds ? `${heir} holds ${copy}` : takes}`;
    return inherit(move(before, { ...choice, reason }, round, "dead"), { holder, dead });
  }
  round.homeless.push(place);
  return before;
}

function placeHomeless(attachments: Attachment[], round: Round): void {
  const lost = round.homeless.flatMap((place) => attachments[place] ?? []);
  const wishes = lost.map(({ vehicleId, unitId: named }) => ({
    ...wishOf(vehicleId, round),
    named,
  }));
  const choices = choosePlaces(questionOf(wishes, round, ({ id }) => !isSilent(id, round)));
  for (const [i, before] of lost.entries()) {
    const after = leaveFor(before, choices[i], round);
    attachments[round.homeless[i] ?? 0] = after;
    round.loads.replace(before, after);
  }
}

function leaveFor(before: Attachment, choice: Choice | undefined, round: Round): Attachment {
  if (choice === undefined) return withoutFrom(withoutNext(withoutRival(before)));
  const { unitId: dead } = before;
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
