/** Consensus engines that a chain can run; the first is the default. */
export const engineNames = ["poa", "pbft", "linear", "sbft", "hotstuff"] as const;

export type EngineName = (typeof engineNames)[number];

/** What the seals of a certificate state; see {@link fastQuorumOf}. */
export type CertificateForm = "commit" | "fast";

/** How a chain's blocks are decided, fixed by its genesis file. */
export interface EngineChoice {
  readonly name: EngineName;
  /** Voters that may be down or slow without ending the fast path, c; 0 for every engine but `sbft`. */
  readonly redundant: number;
}

export const defaultEngine: EngineChoice = { name: "poa", redundant: 0 };

/** Whether the consortium shares out the turns to propose; every other engine fixes who leads. */
export function sharesTurns({ name }: EngineChoice): boolean {
  return name === "poa";
}

/** The smallest set that tolerates one faulty voter besides the redundant ones: 3f + 2c + 1 with f = 1. */
export function votersMinOf({ name, redundant }: EngineChoice): number {
  return name === "sbft" ? 2 * redundant + 4 : 1;
}

/** c for a set of this size: what is left of it once one faulty voter is tolerated, as sets may shrink. */
export function redundantOf({ redundant }: EngineChoice, voters: number): number {
  return Math.min(redundant, Math.max(0, Math.floor((voters - 4) / 2)));
}

/** Faulty voters of n that do no harm: f = ⌊(n − 2c − 1) / 3⌋, where c is 0 but for `sbft`. */
export function faultyMaxOf(choice: EngineChoice, voters: number): number {
  return Math.floor((voters - 2 * redundantOf(choice, voters) - 1) / 3);
}

/** Seals that make a block final: ⌈(n + f + 1) / 2⌉, so that any two quorums share an honest voter. */
export function quorumOf(choice: EngineChoice, voters: number): number {
  return Math.ceil((voters + faultyMaxOf(choice, voters) + 1) / 2);
}

/**
 * Claims that a round is changed with: a quorum, and at least 2f + 2c + 1. Of the n − c who shared in a
 * fast certificate, f + c + 1 are honest ones among so many claims; never more than n − f.
 */
export function claimQuorumOf(choice: EngineChoice, voters: number): number {
  const claims = 2 * (faultyMaxOf(choice, voters) + redundantOf(choice, voters)) + 1;
  return Math.max(quorumOf(choice, voters), claims);
}

/** Shares that make a block final in one phase: n − c; undefined where the engine has no fast path. */
export function fastQuorumOf(choice: EngineChoice, voters: number): number | undefined {
  return choice.name === "sbft" ? voters - redundantOf(choice, voters) : undefined;
}

/** How many seals a certificate of this form takes; undefined where the engine makes no such form. */
export function sealsNeeded(
  choice: EngineChoice,
  certificate: { readonly form: CertificateForm; readonly validators: number },
): number | undefined {
  const { form, validators } = certificate;
  return form === "fast" ? fastQuorumOf(choice, validators) : quorumOf(choice, validators);
}
