import {
  type ChainEvidence,
  decodeChainEvidence,
  decodeTransaction,
  type EngineChoice,
  engineOf,
  faultyMaxOf,
  verifyTransaction as isSigned,
  parseGenesis,
  portableCrypto,
  sealsNeeded,
  type Validator,
  verifyChainEvidence,
} from "@voltfog/ledger";
import { bytesOfHex, hex } from "./hex.ts";
import { type ProofStep, passedSteps, type StepPlan, stepsUpTo } from "./proof-steps.ts";

/** What this browser found out about one transaction. */
export interface TransactionVerdict {
  readonly verified: boolean;
  readonly reason: string;
  readonly steps: readonly ProofStep[];
  /** What the verdict rests on, in words; empty where there is none. */
  readonly restsOn: readonly string[];
}

const names = {
  genesis: "Genesis file",
  form: "Form of the proof",
  seals: "Block's certificate",
  result: "Result in the log of results",
  same: "Result of this transaction",
  bytes: "Transaction's bytes",
  signature: "Sender's signature",
} as const;

const plan: readonly StepPlan[] = [
  { name: names.genesis, codes: ["GENESIS_INVALID", "EVIDENCE_OTHER_CHAIN"] },
  { name: names.form, codes: ["MALFORMED"] },
  { name: names.seals, codes: ["EVIDENCE_CERTIFICATE"] },
  { name: names.result, codes: ["EVIDENCE_RESULT"] },
  { name: names.same, codes: ["OTHER_RESULT"] },
  { name: names.bytes, codes: ["OTHER_BYTES"] },
  { name: names.signature, codes: ["SIGNATURE_INVALID"] },
];

interface Claim {
  /** As the address has it. */
  readonly hash: string;
  readonly code: string;
  /** Of the whole transaction, hex. */
  readonly bytes: string;
}

/** Checks what the server says of a transaction with its evidence and the pinned genesis file alone. */
export function verifyTransaction(options: {
  claim: Claim;
  proof: Uint8Array;
  genesis: Uint8Array;
}): TransactionVerdict {
  const genesis = parseGenesis(options.genesis, portableCrypto);
  if (!genesis.ok) return refused("GENESIS_INVALID", genesis.problem.detail);
  const decoded = decodeChainEvidence(options.proof);
  if (!decoded.ok) return refused("MALFORMED", decoded.problem.detail ?? "");
  const evidence = decoded.value;
  const held = verifyChainEvidence({ evidence, genesis: genesis.value, crypto: portableCrypto });
  if (!held.ok) return refused(held.problem.code, held.problem.detail);
  const problem = claimProblem(options.claim, evidence);
  if (problem !== undefined) return refused(problem.code, problem.detail);
  const { signers } = held.value;
  const engine = engineOf(genesis.value);
  return {
    verified: true,
    reason: sentence(evidence, signers),
    steps: passedSteps(
      plan,
      details({ evidence, signers, engine, chain: genesis.value.chain, hash: options.claim.hash }),
    ),
    restsOn: restsOn(evidence, engine),
  };
}

/** The result is of this transaction, says what the page says, and the bytes are what its sender signed. */
function claimProblem(
  claim: Claim,
  { results }: ChainEvidence,
): { readonly code: string; readonly detail: string } | undefined {
  const result = results[0]?.result;
  if (result === undefined || hex(result.txHash) !== claim.hash) {
    return { code: "OTHER_RESULT", detail: "the proven result is of another transaction" };
  }
  if (result.code !== claim.code) {
    const detail = `the proven code is ${result.code}, the server said ${claim.code}`;
    return { code: "OTHER_RESULT", detail };
  }
  const bytes = bytesOfHex(claim.bytes) ?? new Uint8Array();
  if (hex(portableCrypto.sha256(bytes)) !== claim.hash) {
    return { code: "OTHER_BYTES", detail: "the bytes shown have another hash" };
  }
  const transaction = decodeTransaction(bytes);
  if (!transaction.ok) return { code: "OTHER_BYTES", detail: "the bytes are no transaction" };
  const options = { bytes, transaction: transaction.value, crypto: portableCrypto };
  if (isSigned(options)) return undefined;
  return { code: "SIGNATURE_INVALID", detail: "the sender did not sign these bytes" };
}

function sentence(
  { header, certificate, results }: ChainEvidence,
  signers: readonly Validator[],
): string {
  const height = results[0]?.result.height ?? 0;
  return `its result of block ${height} is in the log that block ${header.height} seals, signed by ${signers.length} of ${certificate.validators} validators`;
}

function details(o: {
  evidence: ChainEvidence;
  signers: readonly Validator[];
  engine: EngineChoice;
  chain: string;
  hash: string;
}): Readonly<Record<string, string>> {
  const { header, certificate, results } = o.evidence;
  const [proof] = results;
  const needed = sealsNeeded(o.engine, certificate) ?? certificate.validators;
  return {
    [names.genesis]: `chain ${o.chain}, id ${hex(header.chainId)}`,
    [names.form]: "every byte is read, none is left over",
    [names.seals]: `block ${header.height} of epoch ${header.epoch}: signed by ${o.signers.map(({ id }) => id).join(", ")}; ${needed} of ${certificate.validators} are needed`,
    [names.result]: `place ${proof?.index ?? 0} of ${header.resultsSize}, by ${proof?.path.length ?? 0} hashes to root ${hex(header.resultsRoot)}`,
    [names.same]: `hash ${o.hash}, code ${proof?.result.code ?? ""}`,
    [names.bytes]: "SHA-256 of the bytes shown is the transaction's hash",
    [names.signature]: `key ${hex(proof?.result.sender ?? new Uint8Array())}`,
  };
}

function restsOn({ header, certificate }: ChainEvidence, engine: EngineChoice): readonly string[] {
  return [
    "the genesis file that this browser keeps, with the validators' first keys",
    `at most ${faultyMaxOf(engine, certificate.validators)} of the ${certificate.validators} vote keys of epoch ${header.epoch} being in dishonest hands`,
    "SHA-256 and Ed25519",
    `the time of the newest block, ${new Date(header.time_ms).toISOString()}: it says nothing of what came later`,
  ];
}

function refused(code: string, detail: string): TransactionVerdict {
  return {
    verified: false,
    reason: `${code}: ${detail}`,
    steps: stepsUpTo(plan, { code, detail }),
    restsOn: [],
  };
}
