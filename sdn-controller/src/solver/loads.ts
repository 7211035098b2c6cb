import type { Instance } from "./instance.ts";

/** Who runs where and what room is left, with every change on a journal so that a try can be taken back. */
export class Loads {
  readonly instance: Instance;
  /** By function its unit, −1 for none. */
  readonly unitOf: Int32Array;
  readonly usedCpu: Float64Array;
  readonly usedMemory: Float64Array;
  /** How many functions are on each unit. */
  readonly count: Int32Array;
  /** First function on a unit and the next one after a function; −1 ends. */
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly #previous: Int32Array;
  #journal: number[] = [];

  constructor(instance: Instance) {
    this.instance = instance;
    this.unitOf = new Int32Array(instance.functions).fill(-1);
    this.usedCpu = new Float64Array(instance.units);
    this.usedMemory = new Float64Array(instance.units);
    this.count = new Int32Array(instance.units);
    this.first = new Int32Array(instance.units).fill(-1);
    this.next = new Int32Array(instance.functions).fill(-1);
    this.#previous = new Int32Array(instance.functions).fill(-1);
  }

  /** Places for functions that unit j has left; the same Infinity for all without a limit. */
  placesLeft(j: number): number {
    return (this.instance.functionsMax[j] ?? 0) - (this.count[j] ?? 0);
  }

  /** Whether function i may run on unit j beside all that runs there. */
  fits(i: number, j: number): boolean {
    const { cpu, memory, cpuMax, memoryMax, functionsMax, cost, units } = this.instance;
    return (
      (this.count[j] ?? 0) + 1 <= (functionsMax[j] ?? 0) &&
      (this.usedCpu[j] ?? 0) + (cpu[i] ?? 0) <= (cpuMax[j] ?? 0) &&
      (this.usedMemory[j] ?? 0) + (memory[i] ?? 0) <= (memoryMax[j] ?? 0) &&
      (cost[i * units + j] ?? 0) < Number.POSITIVE_INFINITY &&
      !this.#meetsOwnGroup(i, j, -1)
    );
  }

  /** Whether function i may run on unit j once function k, which runs there, has left. */
  fitsInPlaceOf(i: number, j: number, k: number): boolean {
    const { cpu, memory, cpuMax, memoryMax, cost, units } = this.instance;
    return (
      (this.usedCpu[j] ?? 0) - (cpu[k] ?? 0) + (cpu[i] ?? 0) <= (cpuMax[j] ?? 0) &&
      (this.usedMemory[j] ?? 0) - (memory[k] ?? 0) + (memory[i] ?? 0) <= (memoryMax[j] ?? 0) &&
      (cost[i * units + j] ?? 0) < Number.POSITIVE_INFINITY &&
      !this.#meetsOwnGroup(i, j, k)
    );
  }

  /** Moves function i to unit j, or off all units with −1. */
  move(i: number, j: number): void {
    this.#journal.push(i, this.unitOf[i] ?? -1);
    this.#shift(i, j);
  }

  /** A place in the journal to go back to. */
  mark(): number {
    return this.#journal.length;
  }

  /** Takes back every move since the mark. */
  undo(mark: number): void {
    while (this.#journal.length > mark) {
      const from = this.#journal.pop() ?? -1;
      const i = this.#journal.pop() ?? 0;
      this.#shift(i, from);
    }
  }

  /** Functions that moved since the mark, some of them more than once. */
  movedSince(mark: number): readonly number[] {
    return this.#journal.slice(mark).filter((_, place) => place % 2 === 0);
  }

  /** Forgets what could be taken back. */
  settle(): void {
    this.#journal = [];
  }

  #shift(i: number, j: number): void {
    const { cpu, memory } = this.instance;
    const from = this.unitOf[i] ?? -1;
    if (from >= 0) this.#unlink(i, from);
    this.unitOf[i] = j;
    if (j < 0) return;
    const head = this.first[j] ?? -1;
    this.next[i] = head;
    this.#previous[i] = -1;
    if (head >= 0) this.#previous[head] = i;
    this.first[j] = i;
    this.count[j] = (this.count[j] ?? 0) + 1;
    this.usedCpu[j] = (this.usedCpu[j] ?? 0) + (cpu[i] ?? 0);
    this.usedMemory[j] = (this.usedMemory[j] ?? 0) + (memory[i] ?? 0);
  }

  /** Sums anew what stays, so that rounding never adds up over many moves. */
  #unlink(i: number, j: number): void {
    const { cpu, memory } = this.instance;
    const before = this.#previous[i] ?? -1;
    const after = this.next[i] ?? -1;
    if (before < 0) this.first[j] = after;
    else this.next[before] = after;
    if (after >= 0) this.#previous[after] = before;
    this.count[j] = (this.count[j] ?? 0) - 1;
    let cpuSum = 0;
    let memorySum = 0;
    for (let k = this.first[j] ?? -1; k >= 0; k = this.next[k] ?? -1) {
      cpuSum += cpu[k] ?? 0;
      memorySum += memory[k] ?? 0;
    }
    this.usedCpu[j] = cpuSum;
    this.usedMemory[j] = memorySum;
  }

  #meetsOwnGroup(i: number, j: number, leaving: number): boolean {
    const group = this.instance.group[i] ?? -1;
    if (group < 0) return false;
    const members = this.instance.groups[group];
    if (members === undefined) return false;
    for (const k of members) {
      if (k !== i && k !== leaving && this.unitOf[k] === j) return true;
    }
    return false;
  }
}
