import type { OrderOutcome } from "../market/market-client.ts";

/** One thing that an operation must be told. */
export interface Field {
  /** The flag's name in camel case. */
  readonly name: string;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly summary: string;
  /** What the menu asks. */
  readonly question: string;
  /** Given by its place on the command line, not by a flag. */
  readonly isArgument?: boolean;
  /** May be left out; the text is what holds then. */
  readonly fallback?: string;
}

/** What the fields were given, by name; a field with a fallback may be missing. */
export type FieldValues = Readonly<Record<string, string | undefined>>;

/** What an operation says: lines for the eye, and the same as JSON. */
export interface Answer {
  readonly text: string;
  readonly json: unknown;
  /** The chain refused what was asked: exit code 1. */
  readonly isRefused?: boolean;
}

/** Something that can be done, by a script with flags or by a person who is asked for each field. */
export interface Operation<Session> {
  readonly name: string;
  readonly summary: string;
  /** What it does and what it needs, for whoever does it the first time. */
  readonly explanation: string;
  readonly example: string;
  readonly fields: readonly Field[];
  run(session: Session, values: FieldValues): Promise<Answer>;
}

/** What became of an ordered request, and where. */
export function ordered(done: string, outcome: OrderOutcome, more: object = {}): Answer {
  const { code, height, hash, meaning, remedy } = outcome;
  if (code === "OK") {
    const text = `${done}\nOK in final block ${height}, transaction ${hash}`;
    return { text, json: { code, height, hash, ...more, data: dataOf(outcome) } };
  }
  const todo = remedy === null ? "" : ` ${remedy}`;
  return {
    text: `refused: ${code} in final block ${height}. ${meaning}${todo}\ntransaction ${hash}`,
    json: { code, height, hash, meaning, remedy, ...more },
    isRefused: true,
  };
}

function dataOf({ data }: OrderOutcome): Readonly<Record<string, string>> {
  return Object.fromEntries(data.map(({ name, value }) => [name, value]));
}

/** A field that must be there; the command line and the menu see to it. */
export function given(values: FieldValues, name: string): string {
  return values[name] ?? "";
}
