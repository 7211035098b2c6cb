import type { FunctionStatus, LatencyClass } from "../topology/function-status.ts";
import type { PackReading } from "../topology/pack-reading.ts";
import { type AdaptationRule, adaptationRules } from "./adaptation-rules.ts";
import { selectionRules } from "./selection-rules.ts";

/** One function for one vehicle, with what it is told and why. */
export interface SelectedFunction {
  readonly id: string;
  readonly version: string | null;
  /** Only what differs from the defaults. */
  readonly settings: Readonly<Record<string, number>>;
  readonly because: string;
}

/** One vehicle's functions together, which is what is placed. */
export interface Bundle {
  readonly vehicleId: string;
  readonly functions: readonly SelectedFunction[];
  /** Shares of one core and memory that all of them cost. */
  readonly cpu: number;
  readonly memory_MB: number;
  /** The strictest class among them; null where none has a limit. */
  readonly latencyMax_ms: number | null;
}

/** Longest way that functions of a class are good for; bulk has no limit. */
export const classLatency_ms: Readonly<Record<LatencyClass, number | null>> = {
  alert: 100,
  control: 500,
  bulk: null,
};

/** What decisions about one vehicle's functions are made from. */
export interface Condition {
  readonly vehicleId: string;
  /** Undefined before the first reading. */
  readonly pack: PackReading | undefined;
  readonly backlogOf: (functionId: string) => number;
  readonly now_ms: number;
}

/** Until the first reading; a function that it also brings has its own sentence from then on. */
const unreadWords = "nothing is known of the pack yet";

interface Known {
  bundle: Bundle;
  /** When each function's condition held last. */
  readonly wanted_ms: Map<string, number>;
  readonly because: Map<string, string>;
  readonly adapted: Map<string, string>;
}

/**
 * Which functions serve which vehicle with which settings. A function is taken at once and let go when its
 * condition has not held for `dwell_ms`; a vehicle without a reading has all of them. Sentences name the
 * reading that changed something and stay until the next change, so that equal bundles compare equal.
 */
export class BundleBook {
  readonly #functions: readonly string[];
  readonly #dwell_ms: number;
  readonly #known = new Map<string, Known>();
  #catalogue: ReadonlyMap<string, FunctionStatus> = new Map();

  constructor(options: { functions: readonly string[]; dwell_ms: number }) {
    this.#functions = options.functions;
    this.#dwell_ms = options.dwell_ms;
  }

  /** What units say of their functions: costs, classes and declared settings. */
  learn(functions: Iterable<FunctionStatus>): void {
    const catalogue = new Map(this.#catalogue);
    for (const one of functions) catalogue.set(one.id, one);
    this.#catalogue = catalogue;
  }

  /** The vehicle's bundle as it is from now on; the same object when nothing changed. */
  review(condition: Condition): Bundle {
    const { vehicleId } = condition;
    const known = this.#known.get(vehicleId) ?? newKnown(vehicleId);
    this.#known.set(vehicleId, known);
    const functions = this.#functions.flatMap((id) => this.#select(id, condition, known) ?? []);
    const next = this.#bundle(vehicleId, functions);
    if (JSON.stringify(next) !== JSON.stringify(known.bundle)) known.bundle = next;
    return known.bundle;
  }

  bundleOf(vehicleId: string): Bundle {
    return this.#known.get(vehicleId)?.bundle ?? this.review(unread(vehicleId));
  }

  forget(vehicleId: string): void {
    this.#known.delete(vehicleId);
  }

  #select(id: string, condition: Condition, known: Known): SelectedFunction | undefined {
    const because = this.#because(id, condition, known);
    if (because === undefined) {
      known.because.delete(id);
      return undefined;
    }
    // The sentence with the reading that brought the function, not with each later one.
    const told = known.because.get(id);
    if (told === undefined || told === unreadWords) known.because.set(id, because);
    const { settings, reasons } = this.#adapt(id, condition, known);
    const first = known.because.get(id) ?? because;
    const version = this.#catalogue.get(id)?.version ?? null;
    return { id, version, settings, because: [first, ...reasons].join("; ") };
  }

  #because(
    id: string,
    { pack, now_ms }: Condition,
    { wanted_ms, because }: Known,
  ): string | undefined {
    const rule = selectionRules.find(({ functionId }) => functionId === id);
    if (rule === undefined) return "it serves every vehicle";
    if (pack === undefined) return because.get(id) ?? unreadWords;
    const served = because.has(id);
    const wanted = rule.wanted(pack);
    if (wanted !== undefined || (served && rule.kept?.(pack) === true)) wanted_ms.set(id, now_ms);
    if (wanted !== undefined) return wanted;
    const last_ms = wanted_ms.get(id);
    const dwell_ms = rule.dwell_ms ?? this.#dwell_ms;
    const isHeld = served && last_ms !== undefined && now_ms - last_ms < dwell_ms;
    return isHeld ? because.get(id) : undefined;
  }

  #adapt(
    id: string,
    condition: Condition,
    { adapted }: Known,
  ): { settings: Record<string, number>; reasons: readonly string[] } {
    const settings: Record<string, number> = {};
    const reasons: string[] = [];
    for (const rule of adaptationRules) {
      const declared = this.#declared(id, rule);
      if (declared === undefined || Object.hasOwn(settings, rule.setting)) continue;
      const key = `${id} ${rule.setting} ${adaptationRules.indexOf(rule)}`;
      const because = reasonOf(rule, condition, adapted.has(key));
      if (because === undefined) {
        adapted.delete(key);
        continue;
      }
      const value = Math.min(declared.max, Math.max(declared.min, rule.value(declared)));
      if (value === declared.default) continue;
      if (!adapted.has(key)) adapted.set(key, `${rule.setting} ${value}, because ${because}`);
      settings[rule.setting] = value;
      reasons.push(adapted.get(key) ?? because);
    }
    return { settings, reasons };
  }

  #declared(id: string, rule: AdaptationRule): FunctionStatus["declares"][number] | undefined {
    if (rule.functionId !== id) return undefined;
    return this.#catalogue.get(id)?.declares.find(({ name }) => name === rule.setting);
  }

  #bundle(vehicleId: string, functions: readonly SelectedFunction[]): Bundle {
    const costs = functions.flatMap(({ id }) => this.#catalogue.get(id) ?? []);
    const limits = costs.flatMap(({ latencyClass }) => classLatency_ms[latencyClass] ?? []);
    return {
      vehicleId,
      functions,
      cpu: costs.reduce((sum, { cpuPerVehicle }) => sum + cpuPerVehicle, 0),
      memory_MB: costs.reduce((sum, { memoryPerVehicle_MB }) => sum + memoryPerVehicle_MB, 0),
      latencyMax_ms: limits.length === 0 ? null : Math.min(...limits),
    };
  }
}

function reasonOf(
  rule: AdaptationRule,
  { pack, backlogOf }: Condition,
  was: boolean,
): string | undefined {
  if (pack === undefined) return undefined;
  return rule.wanted({ pack, backlog: backlogOf(rule.functionId), was });
}

function unread(vehicleId: string): Condition {
  return { vehicleId, pack: undefined, backlogOf: () => 0, now_ms: 0 };
}

function newKnown(vehicleId: string): Known {
  const bundle = { vehicleId, functions: [], cpu: 0, memory_MB: 0, latencyMax_ms: null };
  return { bundle, wanted_ms: new Map(), because: new Map(), adapted: new Map() };
}
