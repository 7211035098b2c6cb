import { ed25519 } from "@noble/curves/ed25519.js";
import { assert, type Crypto, type Signer, utf8 } from "@voltfog/runtime";
import { encodeBlock } from "../chain/block.ts";
import {
  type Certificate,
  commitMessage,
  encodeCertificate,
  fastCommitMessage,
} from "../chain/certificate.ts";
import type { Chain } from "../chain/chain.ts";
import type { CheckedBlock } from "../chain/checked-block.ts";
import { type BlockHeader, headerHash } from "../chain/header.ts";
import { type CertificateForm, type EngineChoice, sealsNeeded } from "../genesis/engine-choice.ts";
import { encodeGenesis, engineOf, type Genesis, parseGenesis } from "../genesis/genesis.ts";
import { idCommitmentOf } from "../modules/device-record.ts";

export interface Member {
  readonly id: string;
  readonly signer: Signer;
}

export interface VehicleMember extends Member {
  readonly salt: Uint8Array;
}

/** A whole consortium with its private keys, the same for the same numbers. For tests. */
export interface Consortium {
  readonly genesis: Genesis;
  readonly validators: readonly Member[];
  readonly units: readonly Member[];
  readonly vehicles: readonly VehicleMember[];
  readonly crypto: Crypto;
}

export const created_ms = 1_760_000_000_000;

/** A key that follows from a name. */
export function signerOf(name: string, crypto: Crypto): Signer {
  const secret = crypto.sha256(utf8(name));
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: (message) => ed25519.sign(message, secret),
  };
}

export function createConsortium(options: {
  crypto: Crypto;
  validators?: number;
  units?: number;
  vehicles?: number;
  chain?: string;
  termBlocks?: number;
  logHash?: "sm3";
  engine?: EngineChoice;
}): Consortium {
  const { crypto } = options;
  const chain = options.chain ?? "test";
  const members = (kind: string, count: number): Member[] =>
    Array.from({ length: count }, (_, i) => {
      const id = `${kind}-${i + 1}`;
      return { id, signer: signerOf(`${chain}/${id}`, crypto) };
    });
  const validators = members("validator", options.validators ?? 4);
  const units = members("unit", options.units ?? 2);
  const vehicles = members("vehicle", options.vehicles ?? 3).map((member) => ({
    ...member,
    salt: crypto.sha256(utf8(`salt of ${member.id}`)).slice(0, 16),
  }));
  const organisationOf = (i: number): string => (i % 2 === 0 ? "north" : "south");
  const bytes = encodeGenesis({
    chain,
    created_ms,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: 10_000,
    logHash: options.logHash,
    termBlocks: options.termBlocks,
    engine: options.engine,
    organisations: [
      { id: "north", name: "North Grid" },
      { id: "south", name: "South Roads" },
    ],
    validators: validators.map(({ id, signer }, i) => ({
      id,
      organisation: organisationOf(i),
      voteKey: signer.publicKey,
    })),
    units: units.map(({ id, signer }, i) => ({
      id,
      organisation: organisationOf(i),
      key: signer.publicKey,
    })),
    vehicles: vehicles.map(({ id, salt, signer }, i) => ({
      organisation: organisationOf(i),
      key: signer.publicKey,
      idCommitment: idCommitmentOf({ salt, id }, crypto),
    })),
  });
  const parsed = parseGenesis(bytes, crypto);
  assert(parsed.ok, "the test genesis parses");
  return { genesis: parsed.value, validators, units, vehicles, crypto };
}

/** A certificate with as many signatures as its form needs, or those of the named signers. */
export function certify(options: {
  consortium: Consortium;
  header: BlockHeader;
  signers?: readonly number[];
  round?: number;
  form?: CertificateForm;
}): Certificate {
  const { consortium, header } = options;
  const { genesis, validators, crypto } = consortium;
  const { form = "commit", round = 0 } = options;
  const needed = sealsNeeded(engineOf(genesis), { form, validators: validators.length });
  const signers = options.signers ?? [...validators.keys()].slice(0, needed);
  const messageOf = form === "fast" ? fastCommitMessage : commitMessage;
  const blockHash = headerHash(header, crypto);
  const { chainId, epoch, height } = header;
  const signatures = signers.map((validator) => {
    const delay_ms = 20 + validator;
    const message = messageOf({ chainId, epoch, height, round, blockHash, delay_ms });
    const signature = validators[validator]?.signer.sign(message) ?? new Uint8Array(64);
    return { validator, delay_ms, signature };
  });
  return { form, height, round, blockHash, validators: validators.length, signatures };
}

export interface FinalBlock {
  readonly checked: CheckedBlock;
  readonly certificate: Certificate;
  readonly bytes: { readonly block: Uint8Array; readonly certificate: Uint8Array };
}

/** Builds, checks, certifies and commits the next block. */
export function finalise(options: {
  consortium: Consortium;
  chain: Chain;
  transactions?: readonly Uint8Array[];
  time_ms?: number;
}): FinalBlock {
  const { consortium, chain } = options;
  const { validators } = consortium;
  const time_ms = options.time_ms ?? chain.head.header.time_ms + 1000;
  const proposer = validators[chain.height % validators.length];
  assert(proposer !== undefined, "a consortium has validators");
  const block = chain.build({
    parentCertificate: chain.head.certificate,
    time_ms,
    proposer: proposer.signer.publicKey,
    transactions: options.transactions ?? [],
  });
  const checked = chain.check(block, { now_ms: time_ms });
  assert(checked.ok, `the built block is good: ${checked.ok ? "" : checked.problem.detail}`);
  // Of all engines only this one decides in one phase, while everybody is there.
  const form = engineOf(consortium.genesis).name === "sbft" ? "fast" : "commit";
  const certificate = certify({ consortium, header: block.header, form });
  chain.commit(checked.value, certificate);
  const bytes = { block: encodeBlock(block), certificate: encodeCertificate(certificate) };
  return { checked: checked.value, certificate, bytes };
}
