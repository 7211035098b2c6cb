import { judgePlacement } from "../solver/explain-placement.ts";
import { type Effort, placeHeuristically } from "../solver/heuristic.ts";
import { buildInstance, type Instance } from "../solver/instance.ts";
import type { FunctionNeed, PlacementProblem } from "../solver/placement-problem.ts";
import type { Choice, Question, UnitView, Wish } from "./decision-facts.ts";
import { choiceOf } from "./explain-choice.ts";
import { RoomLeft } from "./room-left.ts";

/** Which preferences hold; those who find no unit with them ask again without. */
interface Stage {
  readonly keepsLimit: boolean;
  readonly avoidsZone: boolean;
}

const stages: readonly Stage[] = [
  { keepsLimit: true, avoidsZone: true },
  { keepsLimit: false, avoidsZone: true },
  { keepsLimit: true, avoidsZone: false },
  { keepsLimit: false, avoidsZone: false },
];

/** So many are placed as one problem; more come one lot after the other, so that a round stays short. */
const lotMax = 200;
/** Pairs up to which an optimum that the bound does not prove at once is searched for. */
const searchedPairsMax = 10_000;
const searchRounds = 40;
const priceSteps = 100;

/**
 * A unit for each, from the solver that `voltfog place` runs (solver/heuristic.ts): the lowest sum of
 * latencies and move costs within processor, memory, places for vehicles and latency limits. Latencies within
 * `equalLatency_ms` of a vehicle's best count as equal; of equal units that with the most places left takes
 * it, then the lower id, so that they fill evenly. Beyond the functions' latency limit only who finds no unit
 * within it. Undefined for whom no live, measured unit has room, and for who stays where it is.
 * Cost: wishes × units.
 */
export function choosePlaces(question: Question): readonly (Choice | undefined)[] {
  const units = byId(question.units);
  const room = new RoomLeft({ units, loads: question.loads, rules: question.rules });
  const choices = new Map<Wish, Choice>();
  const placeOf = (unitId: string | undefined): number =>
    unitId === undefined ? -1 : units.findIndex(({ id }) => id === unitId);
  for (let from = 0; from < question.wishes.length; from += lotMax) {
    const lot = question.wishes.slice(from, from + lotMax);
    placeLot({ ...question, units, room, placeOf, choices, lot });
  }
  return question.wishes.map((wish) => choices.get(wish));
}

function byId(units: readonly UnitView[]): readonly UnitView[] {
  const isSorted = units.every(({ id }, j) => j === 0 || (units[j - 1]?.id ?? "") <= id);
  return isSorted ? units : [...units].sort((a, b) => (a.id < b.id ? -1 : 1));
}

interface Lot extends Omit<Question, "wishes"> {
  readonly lot: readonly Wish[];
  readonly room: RoomLeft;
  readonly placeOf: (unitId: string | undefined) => number;
  readonly choices: Map<Wish, Choice>;
}

function placeLot(lot: Lot): void {
  const { room, placeOf } = lot;
  for (const { here, need } of lot.lot)
    if (here !== undefined) room.free(placeOf(here.unitId), need);
  let open = lot.lot;
  for (const stage of stages) {
    if (open.length === 0) return;
    const changes = open.some((wish) => isOther(wish, stage));
    if (changes || stage === stages[0]) open = placeStage({ ...lot, lot: open }, stage);
  }
  for (const { here, need } of open) if (here !== undefined) room.take(placeOf(here.unitId), need);
}

/** Whether a later stage asks anything else for it than the first one did. */
function isOther({ need, zoneAvoided }: Wish, { keepsLimit, avoidsZone }: Stage): boolean {
  const hasLimit = (need.latencyMax_ms ?? null) !== null;
  return (!keepsLimit && hasLimit) || (!avoidsZone && zoneAvoided !== undefined);
}

/** Places whom it can and gives the others. */
function placeStage(lot: Lot, stage: Stage): readonly Wish[] {
  const down = new Set(lot.units.filter(({ alive }) => !alive).map(({ id }) => id));
  const asked = problemOf(lot, stage);
  const whole = buildInstance(asked, down);
  const possible = hasPlace(whole);
  const wishes = lot.lot.filter((_, i) => possible[i] === true);
  if (wishes.length === 0) return lot.lot;
  const isWhole = wishes.length === lot.lot.length;
  const problem = isWhole ? asked : problemOf({ ...lot, lot: wishes }, stage);
  const instance = isWhole ? whole : buildInstance(problem, down);
  levelCosts({ instance, current: problem.current, equal_ms: lot.rules.equalLatency_ms });
  const { unitOf } = placeHeuristically(instance, effortFor(instance));
  const judged = judgePlacement({ problem, down, solved: { instance, unitOf } });
  for (const [i, { need }] of wishes.entries()) {
    const chosen = unitOf[i] ?? -1;
    if (chosen >= 0) lot.room.take(chosen, need);
  }
  const { units, latencyOf, room } = lot;
  for (const [i, wish] of wishes.entries()) {
    const chosen = unitOf[i] ?? -1;
    if (chosen < 0 || units[chosen]?.id === wish.here?.unitId) continue;
    const facts = { wish, units, chosen, latencyOf, vehicles: room.vehicles };
    lot.choices.set(wish, choiceOf({ ...facts, judged: judged[i] ?? [] }));
  }
  return lot.lot.filter((wish) => {
    const i = wishes.indexOf(wish);
    return i < 0 || (unitOf[i] ?? -1) < 0;
  });
}

function problemOf(asked: Lot, stage: Stage): PlacementProblem {
  const { lot, units, room, latencyOf, placeOf } = asked;
  const latency_ms = new Float64Array(lot.length * units.length);
  for (const [i, { vehicleId, without }] of lot.entries()) {
    for (const [j, { id: unitId }] of units.entries()) {
      const isOut = without?.has(unitId) === true;
      const way_ms = isOut ? undefined : latencyOf({ vehicleId, unitId });
      latency_ms[i * units.length + j] = way_ms ?? Number.POSITIVE_INFINITY;
    }
  }
  const zones = new Set(units.map(zoneOf));
  return {
    functions: lot.map((wish) => needOf(wish, stage, zones)),
    units: units.map((unit, j) => room.at(j, { id: unit.id, zone: zoneOf(unit) })),
    latency_ms,
    current: Int32Array.from(lot, ({ here }) => placeOf(here?.unitId)),
  };
}

function zoneOf({ zone }: Pick<UnitView, "zone">): string {
  return zone ?? "";
}

function needOf(wish: Wish, stage: Stage, zones: ReadonlySet<string>): FunctionNeed {
  const { vehicleId: id, need, here, zoneAvoided } = wish;
  const { cpu, memory_MB: memory, latencyMax_ms } = need;
  const limit_ms = stage.keepsLimit ? (latencyMax_ms ?? null) : null;
  const avoided = zoneOf({ zone: zoneAvoided ?? null });
  const isZoned = stage.avoidsZone && zoneAvoided !== undefined;
  return {
    ...{ id, cpu, memory, weight: 1, migrationCost: here?.moveCost_ms ?? 0 },
    latencyMax_ms: limit_ms ?? Number.POSITIVE_INFINITY,
    ...(isZoned ? { zones: [...zones].filter((zone) => zone !== avoided) } : {}),
  };
}

/** Whether any unit may take it, by function. */
function hasPlace({ cost, functions, units }: Instance): readonly boolean[] {
  return Array.from({ length: functions }, (_, i) =>
    cost.subarray(i * units, (i + 1) * units).some((value) => value < Number.POSITIVE_INFINITY),
  );
}

/** What is equal for whoever comes costs the same, so that load decides; the present unit keeps its own cost. */
function levelCosts(o: { instance: Instance; current: Int32Array; equal_ms: number }): void {
  const { cost, functions, units } = o.instance;
  for (let i = 0; i < functions; i++) {
    const row = cost.subarray(i * units, (i + 1) * units);
    const here = o.current[i] ?? -1;
    let best = Number.POSITIVE_INFINITY;
    for (let j = 0; j < units; j++) if (j !== here) best = Math.min(best, row[j] ?? best);
    for (let j = 0; j < units; j++) {
      if (j !== here && (row[j] ?? 0) <= best + o.equal_ms) row[j] = best;
    }
  }
}

/** All units are looked at; a search is worth its time only where the problem is small. */
function effortFor({ functions, units }: Instance): Effort {
  const rounds = functions > 1 && functions * units <= searchedPairsMax ? searchRounds : 0;
  return { candidatesMax: units, priceSteps, rounds };
}
