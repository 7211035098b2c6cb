import { type EngineChoice, quorumOf } from "@voltfog/ledger";
import type { EpochMemberView, EpochView } from "@voltfog/messages";
import type { EpochMember, SealCount, StoredEpoch } from "../store/chain-reader.ts";

/** Every epoch with who voted in it and when, newest first. */
export function epochViews(options: {
  epochs: readonly StoredEpoch[];
  seals: readonly SealCount[];
  engine: EngineChoice;
  height: number;
  /** The transaction that decided the set of an epoch, by the epoch. */
  decisions: ReadonlyMap<number, string>;
}): readonly EpochView[] {
  const { epochs, seals, engine, height, decisions } = options;
  return epochs
    .map((one, at) => ({
      epoch: one.epoch,
      firstHeight: one.firstHeight,
      lastHeight: (epochs[at + 1]?.firstHeight ?? height + 1) - 1,
      quorum: one.members.length === 0 ? 0 : quorumOf(engine, one.members.length),
      members: one.members.map((member) =>
        memberView(
          member,
          seals.filter(({ epoch }) => epoch === one.epoch),
        ),
      ),
      changes: at === 0 ? [] : changesOf(epochs[at - 1]?.members ?? [], one.members),
      decidedBy: decisions.get(one.epoch) ?? null,
    }))
    .toReversed();
}

function memberView(member: EpochMember, seals: readonly SealCount[]): EpochMemberView {
  const own = seals.filter(({ signers }) => signers.includes(member.id));
  const sum = (rows: readonly SealCount[]): number =>
    rows.reduce((total, { blocks }) => total + blocks, 0);
  return {
    ...member,
    sealed: sum(own),
    proposed: sum(seals.filter(({ proposer }) => proposer === member.id)),
    firstSealed: own.length === 0 ? null : Math.min(...own.map((row) => row.firstHeight)),
    lastSealed: own.length === 0 ? null : Math.max(...own.map((row) => row.lastHeight)),
  };
}

/** What differs between two sets, in words. */
function changesOf(
  before: readonly EpochMember[],
  after: readonly EpochMember[],
): readonly string[] {
  const known = new Map(before.map((member) => [member.id, member]));
  const joined = after.flatMap(({ id, organisation, voteKey }) => {
    const old = known.get(id);
    if (old === undefined) return [`${id} of ${organisation} joined.`];
    return old.voteKey === voteKey ? [] : [`${id} votes with a new key.`];
  });
  const left = before
    .filter(({ id }) => after.every((member) => member.id !== id))
    .map(({ id, organisation }) => `${id} of ${organisation} left.`);
  return before.length === 0 || after.length === 0 ? [] : [...joined, ...left];
}
