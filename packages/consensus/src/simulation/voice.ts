import type { Crypto, Random, Signer } from "@voltfog/runtime";
import type { VoterSet } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { Consortium } from "./consortium.ts";

/** A message and who gets it. */
export interface Said {
  readonly message: VoteMessage;
  readonly to: readonly number[];
}

/** What becomes of a voter's messages on their way out, and what it overhears to lie better. */
export interface Voice {
  says(said: Said): readonly Said[];
  hears(message: VoteMessage): void;
}

export interface LiarOptions {
  readonly consortium: Consortium;
  /** Who votes now. */
  readonly voterSet: () => VoterSet;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly random: Random;
}

export const honest: Voice = { says: (said) => [said], hears() {} };
