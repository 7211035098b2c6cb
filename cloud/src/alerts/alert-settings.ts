import { eventClasses, noticeClasses } from "@voltfog/messages";
import { accepted, identifierPattern, type Outcome, refused } from "@voltfog/runtime";

/** Figures of a day that a rule may watch. */
export const watchedIndicators = [
  "soh",
  "resistance_Ohm",
  "imbalance_mV",
  "temperatureSpread_K",
  "anomalyScore",
  "safetyScore",
  "remainingLife_d",
] as const;

export type WatchedIndicator = (typeof watchedIndicators)[number];

export interface EventRule {
  readonly id: string;
  readonly on: "event";
  readonly classes: readonly string[];
  /** 1 to 3: findings below it raise nothing. */
  readonly levelMin: number;
}

export interface IndicatorRule {
  readonly id: string;
  readonly on: "indicator";
  readonly indicator: WatchedIndicator;
  /** Exactly one of these two: the alert stands while the figure is beyond it. */
  readonly below?: number;
  readonly above?: number;
  /** It ends only when the figure is back on this side, so that it does not flutter; else at the limit. */
  readonly clear?: number;
  readonly level: number;
}

export type AlertRule = EventRule | IndicatorRule;

export interface WebhookReceiver {
  readonly id: string;
  readonly kind: "webhook";
  readonly url: string;
  /** File with the key that its messages are signed with. */
  readonly secret: string;
  /** It hears of this fleet's vehicles alone. */
  readonly fleet?: string;
}

export interface MailReceiver {
  readonly id: string;
  readonly kind: "mail";
  /** smtp://host:port with STARTTLS, or smtps://host:port. */
  readonly server: string;
  /** File with "user:password". */
  readonly login?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly fleet?: string;
}

/** The chain of the site: each message becomes an event of the unit that its alert comes from. */
export interface ChainReceiver {
  readonly id: string;
  readonly kind: "chain";
  readonly fleet?: string;
}

export type Receiver = WebhookReceiver | MailReceiver | ChainReceiver;

/** What raises alerts, and who is told. */
export interface AlertSettings {
  readonly rules: readonly AlertRule[];
  readonly receivers: readonly Receiver[];
  readonly notify: { readonly levelMin: number; readonly receivers: readonly string[] };
  readonly escalate: { readonly after_ms: number; readonly receivers: readonly string[] };
}

export interface AlertSettingsProblem {
  readonly code: "ALERTS_INVALID";
  readonly detail: string;
}

/** Where no file says otherwise: safety findings and figures that end a pack's life or its warranty. */
export const usualRules: readonly AlertRule[] = [
  {
    ...{ id: "pack-finding", on: "event", levelMin: 1 },
    classes: eventClasses.filter((name) => !noticeClasses.includes(name)),
  },
  {
    id: "early-safety",
    on: "indicator",
    indicator: "safetyScore",
    above: 0.5,
    clear: 0.4,
    level: 3,
  },
  {
    id: "unlike-the-fleet",
    on: "indicator",
    indicator: "anomalyScore",
    above: 1,
    clear: 0.8,
    level: 2,
  },
  { id: "health-low", on: "indicator", indicator: "soh", below: 0.8, clear: 0.82, level: 1 },
  {
    id: "life-ending",
    on: "indicator",
    indicator: "remainingLife_d",
    below: 180,
    clear: 240,
    level: 1,
  },
];

const usualChain: ChainReceiver = { id: "chain", kind: "chain" };

export const usualSettings: AlertSettings = {
  rules: usualRules,
  receivers: [usualChain],
  notify: { levelMin: 1, receivers: [] },
  escalate: { after_ms: 3_600_000, receivers: [] },
};

const listMax = 100;
const textMax = 500;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a file of alert settings {version: 1, rules?, receivers?, chain?, notify?, escalate?}. Strict: an
 * unknown field, a doubled id or a receiver that is not there refuses all of it. The chain is a receiver unless
 * `chain` is false.
 */
export function parseAlertSettings(text: string): Outcome<AlertSettings, AlertSettingsProblem> {
  try {
    const value: unknown = JSON.parse(text);
    return accepted(settingsOf(fieldsOf(value, "the file")));
  } catch (thrown) {
    const detail = thrown instanceof Wrong ? thrown.message : "it is no JSON";
    return refused({ code: "ALERTS_INVALID", detail });
  }
}

/** Thrown and caught in this file alone, so that each reader can stay one expression. */
class Wrong extends Error {}

function settingsOf(file: Fields): AlertSettings {
  only(file, ["version", "rules", "receivers", "chain", "notify", "escalate"], "the file");
  if (file["version"] !== 1) throw new Wrong("it is not of version 1");
  const rules = file["rules"] === undefined ? usualRules : listAt(file, "rules").map(ruleOf);
  const receivers = [...listAt(file, "receivers").map(receiverOf), ...chainOf(file)];
  for (const list of [rules, receivers]) unique(list.map(({ id }) => id));
  const known = receivers.map(({ id }) => id);
  const notify = fieldsOf(file["notify"] ?? {}, "notify");
  const escalate = fieldsOf(file["escalate"] ?? {}, "escalate");
  only(notify, ["levelMin", "receivers"], "notify");
  only(escalate, ["after_ms", "receivers"], "escalate");
  return {
    rules,
    receivers,
    notify: {
      levelMin: wholeAt(notify, "levelMin", { min: 1, max: 3, preset: 1 }),
      receivers: namesAt(notify, known),
    },
    escalate: {
      after_ms: wholeAt(escalate, "after_ms", { min: 1000, max: 2e9, preset: 3_600_000 }),
      receivers: namesAt(escalate, known),
    },
  };
}

/** The usual one, where the file neither does without it nor says which vehicles are recorded. */
function chainOf(file: Fields): readonly ChainReceiver[] {
  const { chain = true } = file;
  if (typeof chain !== "boolean") throw new Wrong("chain is neither true nor false");
  const isNamed = listAt(file, "receivers").some((one) => fieldsOf(one, "it")["kind"] === "chain");
  if (isNamed && !chain) throw new Wrong("chain is false and yet a receiver");
  return chain && !isNamed ? [usualChain] : [];
}

function ruleOf(value: unknown): AlertRule {
  const rule = fieldsOf(value, "a rule");
  const id = idAt(rule);
  if (rule["on"] === "event") {
    only(rule, ["id", "on", "classes", "levelMin"], `rule ${id}`);
    const classes = listAt(rule, "classes").map((one) => oneOf(one, eventClasses, `rule ${id}`));
    return { id, on: "event", classes, levelMin: wholeAt(rule, "levelMin", levels) };
  }
  if (rule["on"] !== "indicator") throw new Wrong(`rule ${id} is on neither event nor indicator`);
  only(rule, ["id", "on", "indicator", "below", "above", "clear", "level"], `rule ${id}`);
  const limits = ["below", "above"].filter((name) => rule[name] !== undefined);
  if (limits.length !== 1) throw new Wrong(`rule ${id} needs one of below and above`);
  const numbers = [...limits, "clear"].flatMap((name) => {
    const given = rule[name];
    if (given === undefined) return [];
    if (!Number.isFinite(given)) throw new Wrong(`${name} of rule ${id} is no number`);
    return [[name, Number(given)] as const];
  });
  return {
    ...{ id, on: "indicator", ...Object.fromEntries(numbers) },
    indicator: oneOf(rule["indicator"], watchedIndicators, `rule ${id}`),
    level: wholeAt(rule, "level", levels),
  };
}

const levels = { min: 1, max: 3, preset: 1 };

function receiverOf(value: unknown): Receiver {
  const receiver = fieldsOf(value, "a receiver");
  const id = idAt(receiver);
  const place = `receiver ${id}`;
  const fleet = receiver["fleet"] === undefined ? {} : { fleet: idAt(receiver, "fleet") };
  if (receiver["kind"] === "webhook") {
    only(receiver, ["id", "kind", "url", "secret", "fleet"], place);
    const url = textAt(receiver, "url", place);
    if (!URL.canParse(url)) throw new Wrong(`url of ${place} is no address`);
    return { id, kind: "webhook", url, secret: textAt(receiver, "secret", place), ...fleet };
  }
  if (receiver["kind"] === "chain") {
    only(receiver, ["id", "kind", "fleet"], place);
    return { id, kind: "chain", ...fleet };
  }
  if (receiver["kind"] !== "mail") throw new Wrong(`${place} is neither webhook, mail nor chain`);
  only(receiver, ["id", "kind", "server", "login", "from", "to", "fleet"], place);
  const server = textAt(receiver, "server", place);
  if (!/^smtps?:\/\/[^/@\s]+:\d+$/.test(server))
    throw new Wrong(`server of ${place} is no smtp://host:port`);
  const login = receiver["login"] === undefined ? {} : { login: textAt(receiver, "login", place) };
  const to = listAt(receiver, "to").map((one) => addressOf(one, place));
  if (to.length === 0) throw new Wrong(`${place} has nobody to write to`);
  return {
    id,
    kind: "mail",
    server,
    ...login,
    from: addressOf(receiver["from"], place),
    to,
    ...fleet,
  };
}

function addressOf(value: unknown, place: string): string {
  const isAddress =
    typeof value === "string" && /^[^\s<>,;:"()]{1,64}@[^\s<>,;:"()]{1,255}$/.test(value);
  if (!isAddress) throw new Wrong(`${place} names no e-mail address`);
  return value;
}

function fieldsOf(value: unknown, place: string): Fields {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject) throw new Wrong(`${place} is no object`);
  return value as Fields;
}

function only(fields: Fields, known: readonly string[], place: string): void {
  const other = Object.keys(fields).find((name) => !known.includes(name));
  if (other !== undefined)
    throw new Wrong(`${place} has an unknown field ${JSON.stringify(other)}`);
}

function listAt(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || value.length > listMax)
    throw new Wrong(`${name} is no list of at most ${listMax}`);
  return value;
}

function textAt(fields: Fields, name: string, place: string): string {
  const value = fields[name];
  if (typeof value !== "string" || value === "" || value.length > textMax)
    throw new Wrong(`${name} of ${place} is no text`);
  return value;
}

function idAt(fields: Fields, name = "id"): string {
  const value = fields[name];
  if (typeof value !== "string" || !identifierPattern.test(value))
    throw new Wrong(`${name} ${JSON.stringify(value)} is no identifier`);
  return value;
}

function namesAt(fields: Fields, known: readonly string[]): readonly string[] {
  return listAt(fields, "receivers").map((one) => oneOf(one, known, "receivers"));
}

function oneOf<T extends string>(value: unknown, known: readonly T[], place: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Wrong(`${place}: ${JSON.stringify(value)} is not known`);
  return found;
}

function wholeAt(
  fields: Fields,
  name: string,
  range: { min: number; max: number; preset: number },
): number {
  const value = fields[name] ?? range.preset;
  const isInside =
    Number.isSafeInteger(value) && Number(value) >= range.min && Number(value) <= range.max;
  if (!isInside) throw new Wrong(`${name} is no whole number from ${range.min} to ${range.max}`);
  return Number(value);
}

function unique(ids: readonly string[]): void {
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new Wrong(`${twice} is there twice`);
}
