import { accepted, assert, type Outcome, type Problem, refused } from "@voltfog/runtime";
import { fillCosts, type Instance, limitOf } from "./instance.ts";
import { Loads } from "./loads.ts";
import type { FunctionNeed, PlacementProblem, UnitRoom } from "./placement-problem.ts";

/** One function that goes from one unit to another; `from` is null for a new one. */
export interface PlanMove {
  readonly functionId: string;
  readonly from: string | null;
  readonly to: string;
}

export interface PlanRefusal extends Problem {
  readonly code: "PLAN_FULL" | "FUNCTION_KNOWN" | "FUNCTION_UNKNOWN" | "UNIT_UNKNOWN" | "NO_ROOM";
  readonly detail: string;
}

/** Another place for one function. */
export interface Review {
  readonly unitId: string;
  /** Cost saved, less the migration cost; below 0 only where the function may not stay. */
  readonly gain: number;
  /** Whether the present unit is beyond the function's latency limit. */
  readonly mustMove: boolean;
}

/** What would follow from a failure. */
export interface FailureEffect {
  readonly costBefore: number;
  readonly costAfter: number;
  readonly moves: readonly PlanMove[];
  readonly unserved: readonly string[];
}

/** Full units that are looked into for one function that could make room, cheapest first. */
const displacementsMax = 8;

/**
 * A standing plan that changes one function at a time, in a time that grows with the number of units and
 * not with that of the functions. Costs are weight × latency; a function that another one displaces pays
 * its migration cost as well. Nothing here decides when to move: `review` tells the gain, the caller has
 * the rules against flapping. Memory: 8 bytes for each of functionsMax × units.
 */
export class Plan {
  readonly #units: readonly UnitRoom[];
  readonly #unitPlaces: ReadonlyMap<string, number>;
  readonly #instance: Instance & { readonly groups: number[][] };
  readonly #loads: Loads;
  readonly #needs: (FunctionNeed | undefined)[] = [];
  readonly #slots = new Map<string, number>();
  readonly #freeSlots: number[] = [];
  readonly #groupPlaces = new Map<string, number>();
  readonly #freeGroups: number[] = [];
  /** What each function costs where it is, also where a limit is exceeded by now. */
  readonly #spent: Float64Array;

  /** Starts from a problem and, where there is one, its assignment: by function the place of its unit, −1 for none. */
  constructor(options: {
    problem: PlacementProblem;
    unitOf?: Int32Array;
    functionsMax: number;
  }) {
    const { problem, functionsMax } = options;
    const units = problem.units.length;
    this.#units = problem.units;
    this.#unitPlaces = new Map(problem.units.map(({ id }, j) => [id, j]));
    this.#instance = {
      functions: functionsMax,
      units,
      cpu: new Float64Array(functionsMax),
      memory: new Float64Array(functionsMax),
      cpuMax: Float64Array.from(problem.units, ({ cpu }) => limitOf(cpu)),
      memoryMax: Float64Array.from(problem.units, ({ memory }) => limitOf(memory)),
      cost: new Float64Array(functionsMax * units),
      group: new Int32Array(functionsMax).fill(-1),
      groups: [],
    };
    this.#loads = new Loads(this.#instance);
    this.#spent = new Float64Array(functionsMax);
    for (let slot = functionsMax - 1; slot >= 0; slot--) this.#freeSlots.push(slot);
    for (const [i, need] of problem.functions.entries()) {
      const row = problem.latency_ms.subarray(i * units, (i + 1) * units);
      const slot = this.#add(need, row);
      assert(slot !== undefined, "functionsMax is at least the number of functions");
      const j = options.unitOf?.[i] ?? -1;
      if (j < 0) continue;
      this.#loads.move(slot, j);
      this.#spent[slot] = need.weight * (row[j] ?? 0);
    }
    this.#loads.settle();
  }

  /** Sum of weight × latency of all functions that have a unit. Time: one pass over the functions. */
  get cost(): number {
    return this.#spent.reduce((sum, value) => sum + value, 0);
  }

  /** The unit of a function; undefined where it is unknown or has none. */
  unitOf(functionId: string): string | undefined {
    const slot = this.#slots.get(functionId);
    return slot === undefined ? undefined : this.#units[this.#loads.unitOf[slot] ?? -1]?.id;
  }

  /**
   * Takes a new function to its cheapest unit with room, or to a cheaper one from which another function
   * goes elsewhere where that costs less in all. NO_ROOM leaves the plan as it was.
   */
  place(need: FunctionNeed, latency_ms: Float64Array): Outcome<readonly PlanMove[], PlanRefusal> {
    if (this.#slots.has(need.id)) return refusal("FUNCTION_KNOWN", need.id);
    const slot = this.#add(need, latency_ms);
    if (slot === undefined) return refusal("PLAN_FULL", `${this.#instance.functions} functions`);
    const moves = this.#settleOne(slot);
    this.#loads.settle();
    if (moves !== undefined) return accepted(moves);
    this.#drop(slot);
    return refusal("NO_ROOM", need.id);
  }

  /** Moves a function to a unit that the caller chose. */
  move(functionId: string, unitId: string): Outcome<PlanMove, PlanRefusal> {
    const slot = this.#slots.get(functionId);
    const j = this.#unitPlaces.get(unitId);
    if (slot === undefined) return refusal("FUNCTION_UNKNOWN", functionId);
    if (j === undefined) return refusal("UNIT_UNKNOWN", unitId);
    const from = this.#loads.unitOf[slot] ?? -1;
    if (from !== j && !this.#loads.fits(slot, j)) return refusal("NO_ROOM", functionId);
    if (from !== j) this.#put(slot, j);
    this.#loads.settle();
    return accepted(this.#moveOf(slot, from));
  }

  /** Forgets a function and frees its room. False where it was not known. */
  remove(functionId: string): boolean {
    const slot = this.#slots.get(functionId);
    if (slot === undefined) return false;
    this.#put(slot, -1);
    this.#drop(slot);
    this.#loads.settle();
    return true;
  }

  /** Takes new latencies of a function. It stays where it is, also where its limit is exceeded now. */
  measured(functionId: string, latency_ms: Float64Array): boolean {
    const slot = this.#slots.get(functionId);
    const need = slot === undefined ? undefined : this.#needs[slot];
    if (slot === undefined || need === undefined) return false;
    const j = this.#loads.unitOf[slot] ?? -1;
    this.#fill(slot, need, latency_ms);
    this.#spent[slot] = j < 0 ? 0 : need.weight * (latency_ms[j] ?? 0);
    return true;
  }

  /** The cheapest other unit with room, where it gains more than the migration costs or the present one is too far. */
  review(functionId: string): Review | undefined {
    const slot = this.#slots.get(functionId);
    if (slot === undefined) return undefined;
    const from = this.#loads.unitOf[slot] ?? -1;
    if (from < 0) return undefined;
    const mustMove = this.#costAt(slot, from) === Number.POSITIVE_INFINITY;
    const worth = (this.#spent[slot] ?? 0) - (this.#needs[slot]?.migrationCost ?? 0);
    const costMax = mustMove ? Number.POSITIVE_INFINITY : worth;
    const j = this.#cheapestFit(slot, costMax, from);
    if (j < 0) return undefined;
    return { unitId: this.#units[j]?.id ?? "", gain: worth - this.#costAt(slot, j), mustMove };
  }

  /** Marks a unit as failed or as back. What runs there stays in the plan until `evacuate`. */
  setUp(unitId: string, isUp: boolean): boolean {
    const j = this.#unitPlaces.get(unitId);
    const unit = this.#units[j ?? -1];
    if (j === undefined || unit === undefined) return false;
    this.#instance.cpuMax[j] = isUp ? limitOf(unit.cpu) : -1;
    this.#instance.memoryMax[j] = isUp ? limitOf(unit.memory) : -1;
    return true;
  }

  /** Moves everything off a unit, which costs most first. Who finds no room is left without a unit. */
  evacuate(unitId: string): Omit<FailureEffect, "costBefore"> {
    const effect = this.#evacuate([this.#unitPlaces.get(unitId) ?? -1]);
    this.#loads.settle();
    return effect;
  }

  /** What would follow if these units failed. The plan stays as it is. */
  whatIfDown(unitIds: readonly string[]): FailureEffect {
    const costBefore = this.cost;
    const spentBefore = this.#spent.slice();
    const places = unitIds.map((id) => this.#unitPlaces.get(id) ?? -1).filter((j) => j >= 0);
    const wasUp = places.map((j) => (this.#instance.cpuMax[j] ?? -1) >= 0);
    for (const id of unitIds) this.setUp(id, false);
    const effect = this.#evacuate(places);
    this.#loads.undo(0);
    for (const [place, j] of places.entries()) {
      if (wasUp[place] === true) this.setUp(this.#units[j]?.id ?? "", true);
    }
    this.#spent.set(spentBefore);
    return { costBefore, ...effect };
  }

  #evacuate(places: readonly number[]): Omit<FailureEffect, "costBefore"> {
    const before = this.#loads.unitOf.slice();
    const weightOf = (slot: number): number => this.#needs[slot]?.weight ?? 0;
    const leaving = [...before.keys()]
      .filter((slot) => places.includes(before[slot] ?? -1))
      .sort((a, b) => weightOf(b) - weightOf(a) || a - b);
    for (const slot of leaving) this.#put(slot, -1);
    const unserved = leaving.filter((slot) => this.#settleOne(slot) === undefined);
    const moves = [...before.keys()]
      .filter((slot) => {
        const to = this.#loads.unitOf[slot] ?? -1;
        return to >= 0 && to !== before[slot];
      })
      .map((slot) => this.#moveOf(slot, before[slot] ?? -1));
    const names = unserved.map((slot) => this.#needs[slot]?.id ?? "");
    return { costAfter: this.cost, moves, unserved: names };
  }

  /** Gives a function without a unit its place, with at most one other moved. */
  #settleOne(slot: number): readonly PlanMove[] | undefined {
    const direct = this.#cheapestFit(slot, Number.POSITIVE_INFINITY);
    const costMax = direct < 0 ? Number.POSITIVE_INFINITY : this.#costAt(slot, direct);
    const other = this.#displacement(slot, costMax);
    if (other === undefined) {
      if (direct < 0) return undefined;
      this.#put(slot, direct);
      return [this.#moveOf(slot, -1)];
    }
    this.#put(other.moved, other.to);
    this.#put(slot, other.freed);
    return [this.#moveOf(other.moved, other.freed), this.#moveOf(slot, -1)];
  }

  #displacement(
    slot: number,
    costMax: number,
  ): { moved: number; to: number; freed: number } | undefined {
    let lowest = costMax;
    let best: { moved: number; to: number; freed: number } | undefined;
    for (const freed of this.#cheapest(slot, costMax)) {
      for (let k = this.#loads.first[freed] ?? -1; k >= 0; k = this.#loads.next[k] ?? -1) {
        if (!this.#loads.fitsInPlaceOf(slot, freed, k)) continue;
        const migrationCost = this.#needs[k]?.migrationCost ?? 0;
        const base = this.#costAt(slot, freed) - (this.#spent[k] ?? 0) + migrationCost;
        const to = this.#cheapestFit(k, lowest - base, freed);
        if (to < 0) continue;
        lowest = base + this.#costAt(k, to);
        best = { moved: k, to, freed };
      }
    }
    return best;
  }

  /** Allowed units below a cost, cheapest first: a few, or all where nothing else has room. */
  #cheapest(slot: number, costMax: number): readonly number[] {
    const units: number[] = [];
    for (let j = 0; j < this.#units.length; j++) {
      const isUp = (this.#instance.cpuMax[j] ?? -1) >= 0;
      if (isUp && this.#costAt(slot, j) < costMax) units.push(j);
    }
    units.sort((a, b) => this.#costAt(slot, a) - this.#costAt(slot, b) || a - b);
    return costMax === Number.POSITIVE_INFINITY ? units : units.slice(0, displacementsMax);
  }

  #cheapestFit(slot: number, costMax: number, except = -1): number {
    const { cost, units } = this.#instance;
    const from = slot * units;
    let lowest = costMax;
    let best = -1;
    for (let j = 0; j < units; j++) {
      const value = cost[from + j] ?? 0;
      if (value < lowest && j !== except && this.#loads.fits(slot, j)) {
        lowest = value;
        best = j;
      }
    }
    return best;
  }

  #costAt(slot: number, j: number): number {
    return j < 0 ? 0 : (this.#instance.cost[slot * this.#units.length + j] ?? 0);
  }

  #put(slot: number, j: number): void {
    this.#loads.move(slot, j);
    this.#spent[slot] = this.#costAt(slot, j);
  }

  #moveOf(slot: number, from: number): PlanMove {
    return {
      functionId: this.#needs[slot]?.id ?? "",
      from: this.#units[from]?.id ?? null,
      to: this.#units[this.#loads.unitOf[slot] ?? -1]?.id ?? "",
    };
  }

  #add(need: FunctionNeed, latency_ms: Float64Array): number | undefined {
    assert(latency_ms.length === this.#units.length, "one latency for each unit");
    const slot = this.#freeSlots.pop();
    if (slot === undefined) return undefined;
    this.#slots.set(need.id, slot);
    this.#needs[slot] = need;
    this.#instance.cpu[slot] = need.cpu;
    this.#instance.memory[slot] = need.memory;
    this.#instance.group[slot] = this.#joinGroup(need.antiAffinity, slot);
    this.#fill(slot, need, latency_ms);
    return slot;
  }

  #fill(slot: number, need: FunctionNeed, latency_ms: Float64Array): void {
    const [instance, units] = [this.#instance, this.#units];
    fillCosts({ instance, units, need, latency_ms, presentUnit: -1, i: slot });
  }

  #joinGroup(name: string | undefined, slot: number): number {
    if (name === undefined) return -1;
    const { groups } = this.#instance;
    const place = this.#groupPlaces.get(name) ?? this.#freeGroups.pop() ?? groups.length;
    this.#groupPlaces.set(name, place);
    groups[place] = [...(groups[place] ?? []), slot];
    return place;
  }

  #drop(slot: number): void {
    const need = this.#needs[slot];
    const { groups, group } = this.#instance;
    const place = group[slot] ?? -1;
    if (need !== undefined) this.#slots.delete(need.id);
    this.#needs[slot] = undefined;
    group[slot] = -1;
    if (place >= 0) {
      groups[place] = (groups[place] ?? []).filter((other) => other !== slot);
      if (groups[place]?.length === 0 && need?.antiAffinity !== undefined) {
        this.#groupPlaces.delete(need.antiAffinity);
        this.#freeGroups.push(place);
      }
    }
    this.#freeSlots.push(slot);
  }
}

function refusal(code: PlanRefusal["code"], detail: string): { ok: false; problem: PlanRefusal } {
  return refused({ code, detail });
}
