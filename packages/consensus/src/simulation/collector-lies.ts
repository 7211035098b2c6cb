import type { Random } from "@voltfog/runtime";
import type {
  CommitCertificate,
  PrepareCertificate,
  Proposal,
  VoteMessage,
} from "../voting/message.ts";
import { isSigned } from "../voting/message.ts";
import { Signing } from "../voting/signing.ts";
import { otherBlock, proposalLike } from "./other-proposal.ts";
import { honest, type LiarOptions, type Said, type Voice } from "./voice.ts";

type Certificate = PrepareCertificate | CommitCertificate;

/** Hears everything and says nothing. */
export const mute: Voice = { ...honest, says: () => [] };

/** Keeps for itself what it should show to all. */
export const hoarding: Voice = {
  ...honest,
  says: (said) => (isSigned(said.message) ? [said] : []),
};

/** Shows a certificate to one voter alone, or to some. */
export function favouring(random: Random): Voice {
  return {
    ...honest,
    says({ message, to }) {
      if (isSigned(message)) return [{ message, to }];
      const [one] = to.slice(Math.floor(random.uniform() * to.length));
      const isOnlyOne = random.uniform() < 0.5;
      const favoured = to.filter((voter) => (isOnlyOne ? voter === one : random.uniform() < 0.5));
      return [{ message, to: favoured }];
    },
  };
}

/**
 * Shows certificates that prove nothing: one signer stands for two, one is missing, a block has the proof
 * of another round, or a second block has signatures that their voters never gave.
 */
export function counterfeiting(options: LiarOptions): Voice {
  const { chainId } = options.consortium;
  const forger: Forger = {
    ...options,
    signing: new Signing({ ...options, chainId }),
    pick: (below) => Math.floor(below * options.random.uniform()),
  };
  return {
    ...honest,
    says(said) {
      const { message } = said;
      if (message.type === "proposal") return proposedTwice(message, said, forger);
      return isSigned(message) ? [said] : shownFalsely(message, said, forger);
    },
  };
}

interface Forger extends LiarOptions {
  readonly signing: Signing;
  readonly pick: (below: number) => number;
}

/** Some of the voters get a false certificate, the others the true one. */
function shownFalsely(message: Certificate, { to }: Said, { pick }: Forger): readonly Said[] {
  const first = pick(to.length + 1);
  return [
    { message: falseCertificate(message, pick), to: to.slice(first) },
    { message, to: to.slice(0, first) },
  ];
}

function falseCertificate(message: Certificate, pick: Forger["pick"]): VoteMessage {
  const way = pick(3);
  if (message.type === "prepare-certificate") {
    const { prepares } = message;
    const fewer = prepares.slice(0, -1);
    return { ...message, prepares: way === 0 ? fewer : [...fewer, ...prepares.slice(0, 1)] };
  }
  const { seals, form } = message;
  const fewer = seals.slice(0, -1);
  if (way === 0) return { ...message, seals: fewer };
  if (way === 1) return { ...message, seals: [...fewer, ...seals.slice(0, 1)] };
  return { ...message, form: form === "fast" ? "commit" : "fast" };
}

/**
 * Some get the proposal with an older round's proof as if it were this one's, or another block with
 * made-up proofs of everything.
 */
function proposedTwice(message: Proposal, { to }: Said, forger: Forger): readonly Said[] {
  const { pick, random } = forger;
  const said = { message, to };
  const { height, round, voter, digest, prepares } = message;
  const place = { height, round, voter };
  if (prepares.length > 0) {
    return [said, { to, message: { type: "prepare-certificate", ...place, digest, prepares } }];
  }
  const other = pick(3) === 0 ? otherBlock(message, { random }) : undefined;
  if (other === undefined) return [said];
  const first = pick(to.length);
  const deceived = to.slice(first);
  return [
    { message, to: to.slice(0, first) },
    ...forgedDecision(message, other, forger).map((each) => ({ message: each, to: deceived })),
  ];
}

/** A second block for the proposal's place, with everybody's name under it in both phases. */
function forgedDecision(
  proposal: Proposal,
  other: { readonly block: Uint8Array; readonly digest: Uint8Array },
  { signing, voterSet }: Forger,
): readonly VoteMessage[] {
  const { epoch, voters } = voterSet();
  const { height, round, voter } = proposal;
  const vote = { height, round, voter, digest: other.digest };
  const prepare = signing.signPrepare(epoch, vote);
  const { signature } = signing.signCommit(epoch, { ...vote, delay_ms: 0 });
  const names = [...voters.keys()];
  const prepares = names.map((each) => ({ ...prepare, voter: each }));
  const seals = names.map((each) => ({ voter: each, delay_ms: 0, signature }));
  return [
    proposalLike(proposal, { change: other, signing, epoch }),
    { type: "prepare-certificate", ...vote, prepares },
    { type: "commit-certificate", ...vote, form: "commit", seals },
  ];
}
