import { agreedReply } from "@voltfog/consensus";
import { decodeResult, type EngineChoice, faultyMaxOf, type Result } from "@voltfog/ledger";
import { type Clock, fromHex, utf8 } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";

/** What became of a transaction, as f + 1 validators say alike. */
export interface AgreedOutcome {
  readonly result: Result;
  /** Who said it, in the order in which they answered. */
  readonly by: readonly string[];
  /** f + 1 of those who have a seat now. */
  readonly needed: number;
}

/** A validator's answer to a GET as JSON; undefined where it gave none, or refused. */
export type AskValidator = (validator: string, path: string) => Promise<unknown>;

const longPoll_ms = 2000;

/**
 * Asks all validators what became of a transaction, until f + 1 of those with a seat say the same: one of
 * them is correct then, whatever the others are. NOT_FINAL after `limit_ms`, NO_VALIDATOR where no f + 1
 * agree on who has a seat.
 */
export async function agreedOutcome(options: {
  /** Those of the genesis file. */
  validators: readonly string[];
  engine: EngineChoice;
  hash: string;
  limit_ms: number;
  ask: AskValidator;
  clock: Clock;
}): Promise<AgreedOutcome> {
  const { engine, hash, limit_ms, ask, clock } = options;
  const end_ms = clock.monotonic_ms() + limit_ms;
  const seats = await agreedSeats(options);
  const needed = faultyMaxOf(engine, seats.length) + 1;
  for (;;) {
    const asked_ms = clock.monotonic_ms();
    const agreed = await agreedReply({
      validators: seats,
      needed,
      ask: async (id) =>
        said(await ask(id, `/v1/transactions/${hash}?wait_ms=${longPoll_ms}`), hash),
    });
    const result = agreed && decodeResult(agreed.statement);
    if (result?.ok) return { result: result.value, by: agreed?.by ?? [], needed };
    if (clock.monotonic_ms() >= end_ms) throw notFinal(options, needed);
    // Who refuses at once is not asked again at once.
    const early_ms = asked_ms + longPoll_ms - clock.monotonic_ms();
    await new Promise<void>((resolve) => clock.after(Math.max(0, early_ms), resolve));
  }
}

/** Who has a seat now, as f + 1 of the genesis file's validators say. */
async function agreedSeats(options: {
  validators: readonly string[];
  engine: EngineChoice;
  ask: AskValidator;
}): Promise<readonly string[]> {
  const { validators, engine, ask } = options;
  const agreed = await agreedReply({
    validators,
    needed: faultyMaxOf(engine, validators.length) + 1,
    ask: async (id) => {
      const seats = (record(await ask(id, "/v1/status"))?.["validators"] ??
        []) as readonly unknown[];
      const ids = Array.isArray(seats) ? seats.map((seat) => record(seat)?.["id"]) : [];
      return ids.length === 0 ? undefined : utf8(JSON.stringify(ids));
    },
  });
  if (agreed !== undefined) {
    return JSON.parse(new TextDecoder().decode(agreed.statement)) as readonly string[];
  }
  throw complaint({
    code: "NO_VALIDATOR",
    what: "too few validators answer, or they do not agree on who has a seat",
    remedy: "see voltfog validator list, and ask again",
  });
}

/** The leaf of the log of results that a validator names; undefined where it is not of this transaction. */
function said(answer: unknown, hash: string): Uint8Array | undefined {
  const bytes = fromHex(String(record(answer)?.["result"]));
  const result = bytes && decodeResult(bytes);
  return result?.ok && fromHex(hash)?.every((byte, at) => byte === result.value.txHash[at])
    ? bytes
    : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function notFinal({ hash, limit_ms }: { hash: string; limit_ms: number }, needed: number): Error {
  return complaint({
    code: "NOT_FINAL",
    what: `after ${limit_ms / 1000} s no ${needed} validators say the same of transaction ${hash}`,
    remedy: "do not send it again: ask again, and see voltfog validator list",
  });
}
