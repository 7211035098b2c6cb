import {
  ByteWriter,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { quorum } from "../chain/quorum.ts";
import { accountAuthorityName, accountNominationName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { TransactionContext, Verdict } from "./module.ts";

const version = 1;

/** u8 version · raw32 key: who may be the authority over money, as one validator wants it. */
export function encodeNomination(key: Uint8Array): Uint8Array {
  return new ByteWriter().u8(version).raw(key).finish();
}

export function decodeNomination(bytes: Uint8Array): Outcome<Uint8Array, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a nomination");
    return reader.raw(32);
  });
}

/** The key that a quorum of validators named last. */
export function authorityOf(state: StateTree): Uint8Array | undefined {
  return state.get(accountAuthorityName);
}

export function isAuthority(state: StateTree, key: Uint8Array): boolean {
  const authority = authorityOf(state);
  return authority !== undefined && equalBytes(authority, key);
}

/** Notes one validator's word; the key that a quorum of the present validators names is the authority. */
export function nominate(options: {
  state: StateTree;
  context: TransactionContext;
  payload: Uint8Array;
  key: Uint8Array;
}): Verdict {
  const { context, payload, key } = options;
  const { validator } = context.sender;
  if (validator === undefined || validator.quarantined) return { code: "NOT_AUTHORISED" };
  const state = options.state.with(accountNominationName(validator.voteKey), payload);
  const { seats } = context.roster;
  const agreeing = seats.filter(({ voteKey, quarantined }) => {
    const named = state.get(accountNominationName(voteKey));
    return !quarantined && named !== undefined && equalBytes(named, payload);
  });
  if (agreeing.length < quorum(seats.length)) return { code: "OK", state, data: payload };
  return { code: "OK", state: state.with(accountAuthorityName, key), data: payload };
}
