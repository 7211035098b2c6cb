import { type Clock, SeededRandom } from "@voltfog/runtime";
import {
  choosePlaces,
  LoadBook,
  type PlacementProblem,
  solvePlacement,
} from "@voltfog/sdn-controller";
import { rulesOfTheController } from "./controller-rules.ts";

/** A full plan and decisions in it. */
export interface DecisionRun {
  readonly plan_ms: number;
  readonly cost: number;
  readonly bound: number;
  /** Cost after all decisions: equal functions, so it shows what deciding one by one loses. */
  readonly costAfter: number;
  readonly refused: number;
  readonly decisions_ms: Float64Array;
}

const decisions = 2000;

type Wish = Parameters<typeof choosePlaces>[0]["wishes"][number];

/** Plans in full, then lets functions leave and come at other places, one decision of the running controller each. */
export async function runDecisions(o: {
  problem: PlacementProblem;
  clock: Clock;
  seed: number;
}): Promise<DecisionRun> {
  const { problem, clock } = o;
  const start_ms = clock.monotonic_ms();
  const solver = "heuristic";
  const outcome = await solvePlacement({
    problem,
    solver,
    down: new Set(),
    timeLimit_s: 60,
    clock,
  });
  const plan_ms = clock.monotonic_ms() - start_ms;
  if (!outcome.ok) throw new Error(`the full problem is not solved: ${outcome.problem.detail}`);
  const { unitOf, cost, bound } = outcome.value;
  const site = new StandingSite(problem, unitOf);
  const random = new SeededRandom(o.seed);
  const decisions_ms = new Float64Array(decisions);
  let refused = 0;
  for (let decision = 0; decision < decisions; decision++) {
    const leaves = Math.floor(random.uniform() * problem.functions.length);
    const comes = Math.floor(random.uniform() * problem.functions.length);
    const wish = site.replace(leaves, comes);
    const before_ms = clock.monotonic_ms();
    const isPlaced = site.place(wish);
    decisions_ms[decision] = clock.monotonic_ms() - before_ms;
    if (!isPlaced) refused++;
  }
  return { plan_ms, cost, bound, costAfter: site.cost, refused, decisions_ms };
}

/** The load book and the chooser of the controller, with every function in the place of a vehicle. */
class StandingSite {
  readonly #problem: PlacementProblem;
  readonly #units: Parameters<typeof choosePlaces>[0]["units"];
  readonly #unitPlaces: ReadonlyMap<string, number>;
  readonly #loads: LoadBook;
  readonly #rules = rulesOfTheController();
  /** By slot, which function of the problem stands in it, and where. */
  readonly #standing: { readonly function: number; readonly unit: number }[];

  constructor(problem: PlacementProblem, unitOf: Int32Array) {
    this.#problem = problem;
    this.#units = problem.units.map(({ id, cpu, memory, zone }) => ({
      ...{ id, alive: true, connected: new Set<string>(), zone },
      capacity: { cpu, memory_MB: memory },
    }));
    this.#unitPlaces = new Map(problem.units.map(({ id }, j) => [id, j]));
    this.#standing = [...unitOf].map((unit, i) => ({ function: i, unit }));
    this.#loads = new LoadBook({
      attachments: this.#standing.map((_, slot) => this.#attachment(slot)),
      needOf: (slot) => this.#needOf(this.#standing[Number(slot)]?.function ?? 0),
    });
  }

  /** What stands in the slot leaves, and a function like this one asks for a place in it. */
  replace(slot: number, like: number): Wish {
    const standing = this.#standing[slot];
    if (standing !== undefined && standing.unit >= 0) this.#loads.remove(this.#attachment(slot));
    this.#standing[slot] = { function: like, unit: -1 };
    return { vehicleId: String(slot), need: this.#needOf(like), without: this.#groupOf(slot) };
  }

  /** The decision. False where nobody has room. */
  place(wish: Wish): boolean {
    const slot = Number(wish.vehicleId);
    const { latency_ms, units } = this.#problem;
    const like = this.#standing[slot]?.function ?? 0;
    const [choice] = choosePlaces({
      wishes: [wish],
      units: this.#units,
      loads: this.#loads.active,
      latencyOf: ({ unitId }) =>
        latency_ms[like * units.length + (this.#unitPlaces.get(unitId) ?? 0)],
      rules: this.#rules,
    });
    if (choice === undefined) return false;
    this.#standing[slot] = { function: like, unit: this.#unitPlaces.get(choice.unitId) ?? -1 };
    this.#loads.add(this.#attachment(slot));
    return true;
  }

  get cost(): number {
    const { functions, units, latency_ms } = this.#problem;
    return this.#standing.reduce((sum, { function: i, unit }) => {
      const way_ms = unit < 0 ? 0 : (latency_ms[i * units.length + unit] ?? 0);
      return sum + (functions[i]?.weight ?? 0) * way_ms;
    }, 0);
  }

  /** Units where another of its group stands. */
  #groupOf(slot: number): ReadonlySet<string> {
    const { functions, units } = this.#problem;
    const group = functions[this.#standing[slot]?.function ?? -1]?.antiAffinity;
    if (group === undefined) return new Set();
    const others = this.#standing.filter(
      ({ function: i, unit }, other) =>
        other !== slot && unit >= 0 && functions[i]?.antiAffinity === group,
    );
    return new Set(others.map(({ unit }) => units[unit]?.id ?? ""));
  }

  #needOf(i: number): { cpu: number; memory_MB: number; latencyMax_ms: number } {
    const { cpu = 0, memory = 0, latencyMax_ms = 0 } = this.#problem.functions[i] ?? {};
    return { cpu, memory_MB: memory, latencyMax_ms };
  }

  #attachment(slot: number): Parameters<LoadBook["add"]>[0] {
    const unitId = this.#problem.units[this.#standing[slot]?.unit ?? -1]?.id ?? "";
    const facts = { vehicleId: String(slot), unitId, standbyUnitId: null, latency_ms: null };
    return { ...facts, reason: "", since_ms: 0, considered: [] };
  }
}
