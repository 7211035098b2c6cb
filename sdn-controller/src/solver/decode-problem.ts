import { accepted, type Outcome, refused } from "@voltfog/runtime";
import {
  type Fields,
  finite,
  idText,
  listOf,
  type ProblemRefusal,
  recordAt,
  refusal,
  textList,
} from "./decode-fields.ts";
import type { FunctionNeed, PlacementProblem, UnitRoom } from "./placement-problem.ts";

export const functionsMax = 20_000;
export const unitsMax = 2000;
const pairsMax = 20_000_000;

const topFields = ["functions", "units", "latency_ms", "current", "migrationCost"] as const;
const functionFields = [
  "id",
  "cpu",
  "memory",
  "latencyMax_ms",
  "weight",
  "migrationCost",
  "antiAffinity",
  "zones",
] as const;
const unitFields = ["id", "cpu", "memory", "zone", "functionsMax"] as const;

type FunctionField = (typeof functionFields)[number];
type UnitField = (typeof unitFields)[number];

export interface DecodedProblem {
  readonly problem: PlacementProblem;
  /** Fields that the format does not have, as paths; they had no effect. At most ten. */
  readonly ignored: readonly string[];
}

/** A placement problem out of JSON, or the first thing that is wrong with it and where. Limits: 20,000 functions, 2000 units, 20 million pairs. */
export function decodeProblem(value: unknown): Outcome<DecodedProblem, ProblemRefusal> {
  try {
    return accepted(read(value));
  } catch (thrown) {
    if (thrown instanceof RefusedField) return refused(thrown.problem);
    throw thrown;
  }
}

/** Carries a refusal out of the nested readers of this file, and no further. */
class RefusedField extends Error {
  readonly problem: ProblemRefusal;

  constructor(problem: ProblemRefusal) {
    super(problem.code);
    this.problem = problem;
  }
}

function need<T>(outcome: Outcome<T, ProblemRefusal>): T {
  if (outcome.ok) return outcome.value;
  throw new RefusedField(outcome.problem);
}

function fail(...parts: Parameters<typeof refusal>): never {
  throw new RefusedField(refusal(...parts).problem);
}

function read(value: unknown): DecodedProblem {
  const top = need(recordAt<(typeof topFields)[number]>(value, "problem"));
  const ignored: string[] = [];
  note(ignored, "", top, topFields);
  const migration = migrationReader(top.migrationCost);
  const units = need(listOf(top.units, "units", unitsMax)).map((item, j) => {
    const fields = need(recordAt<UnitField>(item, `units[${j}]`));
    note(ignored, `units[${j}].`, fields, unitFields);
    return readUnit(fields, `units[${j}]`);
  });
  const functions = need(listOf(top.functions, "functions", functionsMax)).map((item, i) => {
    const fields = need(recordAt<FunctionField>(item, `functions[${i}]`));
    note(ignored, `functions[${i}].`, fields, functionFields);
    return readFunction(fields, `functions[${i}]`, migration);
  });
  const unitPlaces = placesOf(units, "units");
  const functionPlaces = placesOf(functions, "functions");
  migration.check(functionPlaces);
  const latency_ms = readLatencies(top.latency_ms, functions.length, units.length);
  const current = readCurrent(top.current, functionPlaces, unitPlaces);
  return { problem: { functions, units, latency_ms, current }, ignored };
}

function note(ignored: string[], prefix: string, fields: object, known: readonly string[]): void {
  for (const name of Object.keys(fields)) {
    if (!known.includes(name) && ignored.length < 10) ignored.push(`${prefix}${name.slice(0, 64)}`);
  }
}

function readUnit(fields: Fields<UnitField>, path: string): UnitRoom {
  return {
    id: need(idText(fields.id, `${path}.id`)),
    cpu: need(finite(fields.cpu, `${path}.cpu`)),
    memory: need(finite(fields.memory, `${path}.memory`)),
    zone: isAbsent(fields.zone) ? "" : need(idText(fields.zone, `${path}.zone`)),
    ...(isAbsent(fields.functionsMax)
      ? {}
      : { functionsMax: need(finite(fields.functionsMax, `${path}.functionsMax`)) }),
  };
}

function readFunction(
  fields: Fields<FunctionField>,
  path: string,
  migration: MigrationReader,
): FunctionNeed {
  const { antiAffinity, zones, weight } = fields;
  const id = need(idText(fields.id, `${path}.id`));
  return {
    id,
    cpu: need(finite(fields.cpu, `${path}.cpu`)),
    memory: need(finite(fields.memory, `${path}.memory`)),
    latencyMax_ms: need(finite(fields.latencyMax_ms, `${path}.latencyMax_ms`)),
    weight: weight === undefined ? 1 : need(finite(weight, `${path}.weight`)),
    migrationCost: migration.of(id, fields.migrationCost, `${path}.migrationCost`),
    ...(isAbsent(antiAffinity)
      ? {}
      : { antiAffinity: need(idText(antiAffinity, `${path}.antiAffinity`)) }),
    ...(isAbsent(zones) ? {} : { zones: need(textList(zones, `${path}.zones`)) }),
  };
}

/** Many writers of JSON put null where there is nothing. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

interface MigrationReader {
  of(id: string, own: unknown, path: string): number;
  check(functionPlaces: ReadonlyMap<string, number>): void;
}

/** A function's own cost, or one for all at the top, or a table by function there. */
function migrationReader(top: unknown): MigrationReader {
  if (top === undefined || typeof top === "number") {
    const all = top === undefined ? 0 : need(finite(top, "migrationCost"));
    return {
      of: (_, own, path) => (own === undefined ? all : need(finite(own, path))),
      check: () => {},
    };
  }
  const table = new Map(
    Object.entries(need(recordAt<string>(top, "migrationCost"))).map(([id, cost]) => [
      id,
      need(finite(cost, `migrationCost.${id}`)),
    ]),
  );
  return {
    of: (id, own, path) => (own === undefined ? (table.get(id) ?? 0) : need(finite(own, path))),
    check: (functionPlaces) => {
      for (const id of table.keys()) {
        if (!functionPlaces.has(id)) fail("FUNCTION_UNKNOWN", `migrationCost.${id}`, id);
      }
    },
  };
}

function placesOf(list: readonly { readonly id: string }[], path: string): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, { id }] of list.entries()) {
    if (places.has(id)) fail("ID_REPEATED", `${path}[${place}].id`, id);
    places.set(id, place);
  }
  return places;
}

function readLatencies(value: unknown, functions: number, units: number): Float64Array {
  if (functions * units > pairsMax) {
    fail("LIMIT_EXCEEDED", "latency_ms", functions * units, `at most ${pairsMax} pairs`);
  }
  const rows = need(listOf(value, "latency_ms", functionsMax));
  if (rows.length !== functions) {
    fail("SIZE_WRONG", "latency_ms", rows.length, `${functions} rows, one for each function`);
  }
  const latency_ms = new Float64Array(functions * units);
  for (const [i, row] of rows.entries()) {
    const path = `latency_ms[${i}]`;
    const values = need(listOf(row, path, unitsMax));
    if (values.length !== units) {
      fail("SIZE_WRONG", path, values.length, `${units} values, one for each unit`);
    }
    for (let j = 0; j < units; j++) {
      const latency = values[j];
      const isSound = typeof latency === "number" && latency >= 0 && latency <= 1e12;
      latency_ms[i * units + j] = isSound ? latency : need(finite(latency, `${path}[${j}]`));
    }
  }
  return latency_ms;
}

function readCurrent(
  value: unknown,
  functionPlaces: ReadonlyMap<string, number>,
  unitPlaces: ReadonlyMap<string, number>,
): Int32Array {
  const current = new Int32Array(functionPlaces.size).fill(-1);
  if (isAbsent(value)) return current;
  for (const [functionId, unitId] of Object.entries(need(recordAt<string>(value, "current")))) {
    const path = `current.${functionId.slice(0, 64)}`;
    const i = functionPlaces.get(functionId) ?? fail("FUNCTION_UNKNOWN", path, functionId);
    const j = unitPlaces.get(need(idText(unitId, path))) ?? fail("UNIT_UNKNOWN", path, unitId);
    current[i] = j;
  }
  return current;
}
