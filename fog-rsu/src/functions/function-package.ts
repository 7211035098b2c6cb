import {
  accepted,
  decodeState,
  type MalformedProblem,
  type Outcome,
  type StateReader,
} from "@voltfog/runtime";
import type { FunctionManifest, FunctionSetting } from "./network-function.ts";

/** A function that comes as a file: its manifest, and the bytes that it is pinned to. */
export interface FunctionPackage {
  readonly manifest: FunctionManifest;
  /** Name of the module beside the package's own file. */
  readonly module: string;
  /** SHA-256 of the module, lower-case hex. */
  readonly sha256: string;
}

export const packageFormat = "voltfog-function-1";
/** Ending of the files that are packages. */
export const packageEnding = ".function.json";
export const packageMax_bytes = 65_536;

const versionPattern = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/;

/** Strict: unknown, missing and wrong fields are MALFORMED. */
export function parseFunctionPackage(value: unknown): Outcome<FunctionPackage, MalformedProblem> {
  const decoded = decodeState(value, (reader) => {
    reader.oneOf("format", [packageFormat]);
    const module = matched(reader, "module", /^[a-z0-9][a-z0-9.-]{0,99}\.mjs$/);
    const sha256 = matched(reader, "sha256", /^[0-9a-f]{64}$/);
    return { module, sha256, manifest: readManifest(reader.object("manifest")) };
  });
  return decoded.ok ? accepted(decoded.value) : decoded;
}

/** The manifest in a value that came as JSON or out of a module. */
export function parseFunctionManifest(value: unknown): Outcome<FunctionManifest, MalformedProblem> {
  return decodeState({ manifest: value }, (reader) => readManifest(reader.object("manifest")));
}

/** Negative where `a` is the older of two versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const place = left?.findIndex((part, i) => part !== right?.[i]) ?? -1;
  return place < 0 ? 0 : (left?.[place] ?? 0) - (right?.[place] ?? 0);
}

function readManifest(from: StateReader): FunctionManifest {
  const share = { min: 0, max: 64 };
  const manifest: FunctionManifest = {
    id: matched(from, "id", /^[a-z][a-z0-9-]{0,31}$/),
    version: matched(from, "version", versionPattern),
    inputs: [readInput(from)],
    rate_Hz: from.number("rate_Hz", { min: 0.01, max: 1000 }),
    cpu: from.number("cpu", share),
    memory_MB: from.whole("memory_MB", { min: 8, max: 4096 }),
    latencyClass: from.oneOf("latencyClass", ["alert", "control", "bulk"] as const),
    cpuPerVehicle: from.number("cpuPerVehicle", share),
    memoryPerVehicle_MB: from.number("memoryPerVehicle_MB", { min: 0, max: 4096 }),
    settings: from.objects("settings", { max: 32 }).map(readSetting),
    readsStatesOf: readVersions(from.any("readsStatesOf") ?? [], from),
  };
  from.end();
  return manifest;
}

function readInput(from: StateReader): "telemetry" {
  const inputs = from.any("inputs");
  const isKnown = Array.isArray(inputs) && inputs.length === 1 && inputs[0] === "telemetry";
  return isKnown ? "telemetry" : from.fail("inputs is not as it must be");
}

function readSetting(from: StateReader): FunctionSetting {
  const range = { min: -1e9, max: 1e9 };
  const setting: FunctionSetting = {
    name: matched(from, "name", /^[a-z][A-Za-z0-9_]{0,31}$/),
    default: from.number("default", range),
    min: from.number("min", range),
    max: from.number("max", range),
    unit: from.text("unit", 16),
    description: from.text("description", 200),
  };
  const { default: usual, min, max } = setting;
  if (!(min <= usual && usual <= max)) from.fail("a default is out of its range");
  from.end();
  return setting;
}

function readVersions(value: unknown, from: StateReader): readonly string[] {
  const isVersion = (one: unknown): one is string =>
    typeof one === "string" && versionPattern.test(one);
  const isList = Array.isArray(value) && value.length <= 32 && value.every(isVersion);
  return isList ? value : from.fail("readsStatesOf is not as it must be");
}

function matched(from: StateReader, name: string, pattern: RegExp): string {
  const text = from.text(name, 128);
  return pattern.test(text) ? text : from.fail(`${name} is not as it must be`);
}
