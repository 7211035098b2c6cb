import { ReplyTally } from "./reply-tally.ts";

/** What enough validators said alike. */
export interface AgreedReply {
  readonly statement: Uint8Array;
  /** Who had said it by then, in the order in which they answered. */
  readonly by: readonly string[];
}

/**
 * Asks all validators at once and takes the first statement that `needed` of them (f + 1) make alike.
 * undefined where all have answered and no statement has so many. `ask` gives undefined for a validator
 * that does not answer or has nothing to say; it must end by itself.
 */
export function agreedReply(options: {
  validators: readonly string[];
  needed: number;
  ask: (validator: string) => Promise<Uint8Array | undefined>;
}): Promise<AgreedReply | undefined> {
  const { validators, ask } = options;
  const tally = new ReplyTally(options);
  return new Promise((resolve, reject) => {
    const hear = async (validator: string): Promise<void> => {
      const statement = await ask(validator);
      const taken = statement && tally.take(validator, statement);
      if (taken !== undefined) resolve({ statement: taken, by: tally.saying(taken) });
    };
    Promise.all(validators.map(hear)).then(() => resolve(undefined), reject);
  });
}
