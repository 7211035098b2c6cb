import { accepted, type Outcome, type Problem, refused } from "./outcome.ts";

/** One setting: its kind, its default and what a reader needs to know. No default means required. */
export type Setting =
  | (SettingBase & { readonly kind: "text"; readonly default?: string; readonly pattern?: RegExp })
  | (SettingBase & { readonly kind: "path"; readonly default?: string })
  | (SettingBase & {
      readonly kind: "integer" | "number";
      readonly default?: number;
      readonly min: number;
      readonly max: number;
    })
  | (SettingBase & { readonly kind: "flag"; readonly default: boolean })
  | (SettingBase & { readonly kind: "list"; readonly default?: readonly string[] });

interface SettingBase {
  readonly description: string;
  readonly unit?: string;
}

type ValueOf<S extends Setting> = S["kind"] extends "integer" | "number"
  ? number
  : S["kind"] extends "flag"
    ? boolean
    : S["kind"] extends "list"
      ? readonly string[]
      : string;

export type SettingTable = Readonly<Record<string, Setting>>;
export type ConfigOf<T extends SettingTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

export interface ConfigProblem extends Problem {
  readonly code: "CONFIG_UNKNOWN_KEY" | "CONFIG_MISSING" | "CONFIG_INVALID";
  readonly key: string;
  readonly detail: string;
}

/** The one schema of a process: parses its settings and describes them. */
export interface ConfigSchema<T extends SettingTable> {
  readonly process: string;
  readonly settings: T;
  /**
   * Later sources win: defaults, then the file's object, then environment, then flags.
   * An unknown key in the file or the flags is refused; in the environment only names with this
   * process's prefix count as ours.
   */
  parse(sources: ConfigSources): Outcome<ConfigOf<T>, ConfigProblem>;
  /** Name of the environment variable of a key: VOLTFOG_<PROCESS>_<KEY>. */
  environmentName(key: string): string;
}

export interface ConfigSources {
  readonly file?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly flags?: Readonly<Record<string, unknown>>;
}

export function defineConfig<const T extends SettingTable>(options: {
  process: string;
  settings: T;
}): ConfigSchema<T> {
  const prefix = `VOLTFOG_${options.process.toUpperCase().replaceAll("-", "_")}_`;
  const environmentName = (key: string): string =>
    prefix + key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  return {
    process: options.process,
    settings: options.settings,
    environmentName,
    parse(sources) {
      const gathered = gather({ settings: options.settings, sources, environmentName, prefix });
      if (!gathered.ok) return gathered;
      const result: Record<string, unknown> = {};
      for (const [key, setting] of Object.entries(options.settings)) {
        const raw = gathered.value.get(key) ?? setting.default;
        if (raw === undefined) {
          return refused({ code: "CONFIG_MISSING", key, detail: `${key} is required` });
        }
        const read = readSetting(setting, raw);
        if (read === undefined) {
          return refused({
            code: "CONFIG_INVALID",
            key,
            detail: invalidText({ key, setting, raw }),
          });
        }
        result[key] = read;
      }
      return accepted(result as ConfigOf<T>);
    },
  };
}

interface Gathering {
  readonly settings: SettingTable;
  readonly sources: ConfigSources;
  readonly environmentName: (key: string) => string;
  readonly prefix: string;
}

function gather(options: Gathering): Outcome<Map<string, unknown>, ConfigProblem> {
  const values = new Map<string, unknown>();
  const { file, flags } = options.sources;
  for (const source of [file ?? {}, environmentOf(options), flags ?? {}]) {
    for (const [key, value] of Object.entries(source)) {
      if (value === undefined) continue;
      if (!Object.hasOwn(options.settings, key)) {
        const known = Object.keys(options.settings).join(", ");
        const detail = `unknown setting ${key}; known are ${known}`;
        return refused({ code: "CONFIG_UNKNOWN_KEY", key, detail });
      }
      values.set(key, value);
    }
  }
  return accepted(values);
}

/** Our variables by key; a variable with our prefix and no key keeps its name, and is refused as unknown. */
function environmentOf(options: Gathering): Record<string, unknown> {
  const keys = Object.keys(options.settings);
  const keyOf = new Map(keys.map((key) => [options.environmentName(key), key]));
  const ours = Object.entries(options.sources.environment ?? {}).filter(([name]) =>
    name.startsWith(options.prefix),
  );
  return Object.fromEntries(ours.map(([name, value]) => [keyOf.get(name) ?? name, value]));
}

/** The value of a setting, or undefined where the raw one does not fit it. */
function readSetting(setting: Setting, raw: unknown): unknown {
  switch (setting.kind) {
    case "text":
      return typeof raw === "string" && (setting.pattern?.test(raw) ?? true) ? raw : undefined;
    case "path":
      return typeof raw === "string" && raw.length > 0 ? raw : undefined;
    case "integer":
    case "number":
      return readNumber(setting, raw);
    case "flag":
      return readFlag(raw);
    case "list":
      return readList(raw);
  }
}

function readNumber(
  setting: Extract<Setting, { kind: "integer" | "number" }>,
  raw: unknown,
): number | undefined {
  const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  if (setting.kind === "integer" && !Number.isInteger(value)) return undefined;
  return value >= setting.min && value <= setting.max ? value : undefined;
}

function readFlag(raw: unknown): boolean | undefined {
  if (raw === true || raw === "true") return true;
  return raw === false || raw === "false" ? false : undefined;
}

function readList(raw: unknown): readonly string[] | undefined {
  if (typeof raw === "string") return raw === "" ? [] : raw.split(",");
  return Array.isArray(raw) && raw.every((item) => typeof item === "string") ? raw : undefined;
}

function invalidText(options: { key: string; setting: Setting; raw: unknown }): string {
  const { setting } = options;
  const given = `${options.key} is ${JSON.stringify(options.raw)}, but must be`;
  if (setting.kind === "text" && setting.pattern !== undefined) {
    return `${given} a text like ${setting.pattern.source}`;
  }
  if (setting.kind !== "integer" && setting.kind !== "number") return `${given} a ${setting.kind}`;
  const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
  const kind = setting.kind === "integer" ? "a whole number" : "a number";
  return `${given} ${kind} from ${setting.min} to ${setting.max}${unit}`;
}
