import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";
import { organisationNamePattern } from "../genesis/genesis.ts";

/** Kinds of changes that the consortium votes on; the number on the chain is the place plus one. */
export const changeKinds = [
  "admit-organisation",
  "remove-organisation",
  "admit-validator",
  "remove-validator",
  "rule",
  "module-version",
  "release",
  "proposer-policy",
  "register",
] as const;

/** Who gets the turns to propose; the engine reads it. */
export const proposerPolicies = ["quality", "turn", "stake", "delegated"] as const;

export type ChangeKind = (typeof changeKinds)[number];
export type ProposerPolicy = (typeof proposerPolicies)[number];

/** What a validator holds beside its vote key, and where its peers find it. */
export interface ValidatorContact {
  /** Ed25519, for C2SP cosignatures. */
  readonly cosignerKey: Uint8Array;
  /** Ethereum address of its secp256k1 key, 20 bytes. */
  readonly anchorAddress: Uint8Array;
  /** host:port of its peers' TLS connections. */
  readonly endpoint: string;
}

export interface Admission extends ValidatorContact {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: Uint8Array;
}

export type ConsortiumChange =
  | {
      readonly kind: "admit-organisation";
      readonly id: string;
      readonly name: string;
      /** SHA-256 of its agency's certificate. */
      readonly certificateHash: Uint8Array;
    }
  | { readonly kind: "remove-organisation"; readonly id: string }
  | (Admission & {
      readonly kind: "admit-validator";
      /** The vote key's own word that its holder wants this; see {@link signPossession}. */
      readonly possession: Uint8Array;
    })
  | { readonly kind: "remove-validator"; readonly id: string }
  /** The share of votes that changes of one kind need: above a half, at most all. */
  | {
      readonly kind: "rule";
      readonly rule: string;
      readonly numerator: number;
      readonly denominator: number;
    }
  | {
      readonly kind: "module-version";
      readonly module: number;
      readonly version: number;
      /** First height at which the version holds. */
      readonly height: number;
    }
  | { readonly kind: "release"; readonly id: string }
  | { readonly kind: "proposer-policy"; readonly policy: ProposerPolicy }
  /** A validator's own word on itself; nobody votes on it. */
  | (ValidatorContact & { readonly kind: "register"; readonly id: string });

type ChangeOf<Kind extends ChangeKind> = ConsortiumChange & { readonly kind: Kind };

const possessionDomain = utf8("voltfog/possession/1\n");
const endpointPattern = /^(?:\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9.-]{1,200}):([1-9][0-9]{0,4})$/;

/** The message that a new validator's vote key signs: it holds the key and wants this seat. */
function possessionMessage(admission: Admission, chainId: Uint8Array): Uint8Array {
  const writer = new ByteWriter().raw(possessionDomain).raw(chainId);
  writeAdmission(writer, admission);
  return writer.finish();
}

/** The change that asks for a seat, with its proof that the vote key's holder asks. */
export function signAdmission(options: {
  chainId: Uint8Array;
  admission: Omit<Admission, "voteKey">;
  signer: Signer;
}): ChangeOf<"admit-validator"> {
  const { signer, chainId } = options;
  const admission = { ...options.admission, voteKey: signer.publicKey };
  const possession = signer.sign(possessionMessage(admission, chainId));
  return { kind: "admit-validator", ...admission, possession };
}

/** Costs one verification. */
export function isPossessed(options: {
  change: ChangeOf<"admit-validator">;
  chainId: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { change } = options;
  const message = possessionMessage(change, options.chainId);
  const { voteKey: publicKey, possession: signature } = change;
  return options.crypto.verify({ publicKey, message, signature });
}

/** u8 kind · the kind's fields, as docs/specs/chain.md §3 lists them. */
export function encodeChange(change: ConsortiumChange): Uint8Array {
  const writer = new ByteWriter().u8(changeKinds.indexOf(change.kind) + 1);
  switch (change.kind) {
    case "admit-organisation":
      writer.text(change.id).text(change.name).raw(change.certificateHash);
      break;
    case "admit-validator":
      writeAdmission(writer, change);
      writer.raw(change.possession);
      break;
    case "rule":
      writer.text(change.rule).u8(change.numerator).u8(change.denominator);
      break;
    case "module-version":
      writer.u8(change.module).u8(change.version).u64(change.height);
      break;
    case "proposer-policy":
      writer.text(change.policy);
      break;
    case "register":
      writeContact(writer.text(change.id), change);
      break;
    case "remove-organisation":
    case "remove-validator":
    case "release":
      writer.text(change.id);
      break;
  }
  return writer.finish();
}

export function decodeChange(bytes: Uint8Array): Outcome<ConsortiumChange, MalformedProblem> {
  return decodeBytes(bytes, readChange);
}

export function readChange(reader: ByteReader): ConsortiumChange {
  const number = reader.u8();
  const kind = changeKinds[number - 1] ?? reader.fail(`kind of change ${number}`);
  switch (kind) {
    case "admit-organisation":
      return { kind, id: readId(reader), name: readName(reader), certificateHash: reader.raw(32) };
    case "admit-validator":
      return { kind, ...readAdmission(reader), possession: reader.raw(64) };
    case "rule":
      return readRule(reader);
    case "module-version":
      return { kind, module: reader.u8(), version: reader.u8(), height: reader.u64() };
    case "proposer-policy":
      return { kind, policy: readPolicy(reader) };
    case "register":
      return { kind, id: readId(reader), ...readContact(reader) };
    case "remove-organisation":
    case "remove-validator":
    case "release":
      return { kind, id: readId(reader) };
  }
}

function writeAdmission(writer: ByteWriter, admission: Admission): void {
  writer.text(admission.id).text(admission.organisation).raw(admission.voteKey);
  writeContact(writer, admission);
}

function readAdmission(reader: ByteReader): Admission {
  const admission = {
    id: readId(reader),
    organisation: readId(reader),
    voteKey: reader.raw(32),
    ...readContact(reader),
  };
  if (equalBytes(admission.voteKey, admission.cosignerKey)) reader.fail("one key in two roles");
  return admission;
}

function writeContact(writer: ByteWriter, contact: ValidatorContact): void {
  writer.raw(contact.cosignerKey).raw(contact.anchorAddress).text(contact.endpoint);
}

function readContact(reader: ByteReader): ValidatorContact {
  return {
    cosignerKey: reader.raw(32),
    anchorAddress: reader.raw(20),
    endpoint: readEndpoint(reader),
  };
}

/** Above a half, so that no two opposite changes can both be decided by disjoint votes. */
function readRule(reader: ByteReader): ChangeOf<"rule"> {
  const rule = { rule: readId(reader), numerator: reader.u8(), denominator: reader.u8() };
  const { numerator, denominator } = rule;
  if (numerator > denominator || 2 * numerator <= denominator) {
    reader.fail(`a threshold of ${numerator} in ${denominator}`);
  }
  return { kind: "rule", ...rule };
}

function readPolicy(reader: ByteReader): ProposerPolicy {
  const text = reader.text();
  return proposerPolicies.find((policy) => policy === text) ?? reader.fail(`policy ${text}`);
}

export function readEndpoint(reader: ByteReader): string {
  const text = reader.text();
  const port = Number(endpointPattern.exec(text)?.[1]);
  return port <= 65_535 ? text : reader.fail("not host:port");
}

export function readId(reader: ByteReader): string {
  const text = reader.text();
  return identifierPattern.test(text) ? text : reader.fail("not an identifier");
}

/** At most 100 characters and, for a text's length byte, 255 bytes of UTF-8. */
function readName(reader: ByteReader): string {
  const text = reader.text();
  return organisationNamePattern.test(text) ? text : reader.fail("not a name");
}
