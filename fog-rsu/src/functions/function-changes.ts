import type { Clock } from "@voltfog/runtime";
import type { RecordedEvent } from "../events/event-record.ts";
import type { EventFinding } from "../events/event-register.ts";
import type { Assignment, FunctionAssignment } from "./assignment.ts";
import type { FrameReference, FunctionManifest } from "./network-function.ts";
import type { TakeOverReport } from "./take-over.ts";

/** The unit's own part, for what concerns all functions of a vehicle. */
const unitPart = { functionId: "unit", functionVersion: "1.0.0" } as const;

/** Changes that wait for a vehicle's first frame, which an event needs; the oldest go. */
const pendingMax = 10_000;
/** Vehicles for which a change of version is said, those seen last. */
const vehiclesSaidMax = 256;

/** One number of a function and vehicle that an assignment changed. */
interface Change {
  readonly manifest: FunctionManifest;
  readonly vehicleId: string;
  /** A setting, or whether the function serves the vehicle. */
  readonly name: string;
  readonly unit: string;
  readonly from: number;
  readonly to: number;
  readonly because: string;
}

/** What a change is called as a condition: it holds behind its frame, or, for the first one here, from it on. */
export const changePrefixes = { behind: "set", fromHere: "begin" } as const;
/** The change of whether a function serves a vehicle at all, 1 or 0. */
export const servesName = "serves";

/** A setting's name in the letters of a condition. */
export function changeName(setting: string): string {
  return setting.toLowerCase().replaceAll("_", " ");
}

export interface FunctionChangesOptions {
  readonly record: (deed: EventFinding) => boolean;
  readonly clock: Clock;
}

/**
 * Says each change of what functions do for a vehicle as an event: which functions serve it, their settings, and
 * that it came from another unit. What was in force before a restart is known from the events themselves.
 */
export class FunctionChanges {
  readonly #options: FunctionChangesOptions;
  readonly #known = new Map<string, number>();
  readonly #pending = new Map<string, Change[]>();
  #pendingCount = 0;

  constructor(options: FunctionChangesOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier life of the unit recorded; call for each event in order. */
  restore({ event, condition }: RecordedEvent): void {
    if (event.class !== "function-change") return;
    const name = nameIn(condition);
    if (name === undefined) return;
    this.#known.set(keyOf({ id: event.functionId, vehicleId: event.vehicleId, name }), event.value);
  }

  /** An assignment was taken. A vehicle that no function serves has left the unit, which changes nothing of it. */
  assigned(options: {
    readonly assignment: Assignment;
    readonly manifests: readonly FunctionManifest[];
    readonly frameOf: (vehicleId: string) => FrameReference | undefined;
  }): void {
    const { assignment, manifests, frameOf } = options;
    const here = new Set(assignment.functions.flatMap(({ vehicles }) => vehicles));
    for (const manifest of manifests) {
      const assigned = assignment.functions.find(({ id }) => id === manifest.id);
      const served = new Set(assigned?.vehicles);
      for (const vehicleId of here) {
        const isServed = served.has(vehicleId);
        const choice = chosenFor(vehicleId, assignment);
        for (const change of this.#changesOf(vehicleId, { manifest, assigned, isServed, choice })) {
          const frame = frameOf(vehicleId);
          if (frame === undefined) this.#wait(change);
          else this.#say(change, { frame, prefix: changePrefixes.behind });
        }
      }
    }
  }

  /** A vehicle's frame came: what waited for one is said. */
  seen(vehicleId: string, frame: FrameReference): void {
    const waiting = this.#pending.get(vehicleId);
    if (waiting === undefined) return;
    this.#pending.delete(vehicleId);
    this.#pendingCount -= waiting.length;
    for (const change of waiting) this.#say(change, { frame, prefix: changePrefixes.fromHere });
  }

  /** Another version of a function runs, for every vehicle that the unit has seen; bounded. */
  versionChanged(change: {
    readonly from: FunctionManifest;
    readonly to: FunctionManifest;
    readonly because: string;
    readonly packs: readonly { readonly vehicleId: string; readonly frame: FrameReference }[];
  }): void {
    const { from, to, because, packs } = change;
    const at_ms = this.#options.clock.wall_ms();
    for (const { vehicleId, frame } of packs.slice(-vehiclesSaidMax)) {
      this.#options.record({
        functionId: to.id,
        functionVersion: to.version,
        ...deed({ vehicleId, frame, at_ms }),
        condition: "version",
        value: 1,
        limit: 0,
        unit: "",
        sentence: clipped(
          `${to.id} of ${vehicleId} runs in version ${to.version} instead of ${from.version}: ${because}`,
        ),
      });
    }
  }

  tookOver({ vehicleId, from, states, age_ms, frame, at_ms, refusals }: TakeOverReport): void {
    const refused = Object.entries(refusals).map(([id, why]) => `; ${id} starts anew: ${why}`);
    const how = {
      fresh: "with the states of now",
      copy: `with copies ${(age_ms / 1000).toFixed(1)} s old, for it does not answer`,
      none: "without its states: functions start anew",
    }[states];
    this.#options.record({
      ...unitPart,
      ...deed({ vehicleId, frame, at_ms }),
      condition: "take over",
      value: age_ms / 1000,
      limit: 1,
      unit: "s",
      sentence: clipped(`${vehicleId} is taken over from ${from} ${how}${refused.join("")}`),
    });
  }

  *#changesOf(
    vehicleId: string,
    options: {
      manifest: FunctionManifest;
      assigned: FunctionAssignment | undefined;
      isServed: boolean;
      /** Which functions serve the vehicle: why one that nothing else is said of serves it or not. */
      choice: string;
    },
  ): Generator<Change> {
    const { manifest, assigned, isServed, choice } = options;
    const told = ownOf(assigned?.because, vehicleId);
    const serves = { name: servesName, unit: "", usual: 1, to: isServed ? 1 : 0 };
    yield* this.#changed({ manifest, vehicleId, because: told ?? choice, ...serves });
    if (!isServed) return;
    const about = { manifest, vehicleId, because: told ?? "nothing asks for another value" };
    const values = ownOf(assigned?.settings, vehicleId) ?? {};
    for (const { name, unit, default: usual } of manifest.settings) {
      yield* this.#changed({ ...about, name, unit, usual, to: ownOf(values, name) ?? usual });
    }
  }

  *#changed({ usual, ...change }: Omit<Change, "from"> & { usual: number }): Generator<Change> {
    const key = keyOf({ ...change, id: change.manifest.id, name: changeName(change.name) });
    const from = this.#known.get(key) ?? usual;
    if (from === change.to) return;
    this.#known.set(key, change.to);
    yield { ...change, from };
  }

  #wait(change: Change): void {
    const waiting = this.#pending.get(change.vehicleId) ?? [];
    this.#pending.set(change.vehicleId, [...waiting, change]);
    this.#pendingCount += 1;
    while (this.#pendingCount > pendingMax) {
      const [oldest, left = []] = this.#pending.entries().next().value ?? [];
      if (oldest === undefined) return;
      this.#pending.delete(oldest);
      this.#pendingCount -= left.length;
    }
  }

  #say(change: Change, { frame, prefix }: { frame: FrameReference; prefix: string }): void {
    const { manifest, vehicleId, name, unit, from, to, because } = change;
    const who = `${manifest.id} ${manifest.version}`;
    const what =
      name === servesName
        ? `${who} ${to === 1 ? "serves" : "no longer serves"} ${vehicleId}`
        : `${who} of ${vehicleId}: ${name} from ${from} to ${to}${unit === "" ? "" : ` ${unit}`}`;
    this.#options.record({
      functionId: manifest.id,
      functionVersion: manifest.version,
      ...deed({ vehicleId, frame, at_ms: this.#options.clock.wall_ms() }),
      condition: `${prefix} ${changeName(name)}`,
      value: to,
      limit: from,
      unit,
      sentence: clipped(`${what}: ${because}`),
    });
  }
}

/** What of a function-change event is a change of a number, and from where it holds; undefined for others. */
export function nameIn(condition: string): string | undefined {
  const [prefix, ...words] = condition.split(" ");
  const isChange = Object.values<string>(changePrefixes).includes(prefix ?? "");
  return isChange && words.length > 0 ? words.join(" ") : undefined;
}

/** Whoever was not chosen has no reason of its own: who was says more than silence. */
function chosenFor(vehicleId: string, { functions }: Assignment): string {
  const chosen = functions.filter(({ vehicles }) => vehicles.includes(vehicleId));
  return `the controller's choice is now ${chosen.map(({ id }) => id).join(", ")}`;
}

function deed(where: {
  vehicleId: string;
  frame: FrameReference;
  at_ms: number;
}): Pick<
  EventFinding,
  "vehicleId" | "frame" | "at_ms" | "class" | "state" | "level" | "standing" | "cell"
> {
  const at_ms = Math.max(0, Math.trunc(where.at_ms));
  const notice = { class: "function-change", state: "asserted", level: 1, standing: 0 } as const;
  return { ...where, at_ms, ...notice, cell: null };
}

function keyOf({ id, vehicleId, name }: { id: string; vehicleId: string; name: string }): string {
  return `${id} ${vehicleId} ${name}`;
}

function ownOf<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A sentence has at most 1000 characters. */
function clipped(sentence: string): string {
  return sentence.length <= 1000 ? sentence : `${sentence.slice(0, 999)}…`;
}
