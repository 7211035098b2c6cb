import { type ByteReader, ByteWriter, type Crypto, decodeBytes, utf8 } from "@voltfog/runtime";
import { type Genesis, organisationsMax } from "../genesis/genesis.ts";
import {
  changeName,
  membershipName,
  moduleVersionName,
  organisationName,
  organisationsName,
  quarantineName,
  validatorName,
} from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type ConsortiumChange,
  decodeChange,
  encodeChange,
  readEndpoint,
  readId,
  type ValidatorContact,
} from "./consortium-change.ts";

/** An organisation that the chain has admitted or removed; one that only the genesis file has, has none. */
export interface OrganisationRecord {
  readonly name: string;
  /** SHA-256 of its agency's certificate; zeros where only the genesis file names it. */
  readonly certificateHash: Uint8Array;
  /** 0 for the genesis file. */
  readonly admittedHeight: number;
  readonly removedHeight: number | undefined;
}

/** A validator that the chain has admitted, removed or heard of by its own word. */
export interface ValidatorRecord {
  readonly organisation: string;
  /** As admitted; later ones are told by its successions. */
  readonly voteKey: Uint8Array;
  readonly contact: ValidatorContact | undefined;
  /** Block that decided it; 0 for the genesis file. */
  readonly admittedHeight: number;
  readonly removedHeight: number | undefined;
}

export interface ChangeRecord {
  readonly change: ConsortiumChange;
  readonly proposedHeight: number;
  readonly decidedHeight: number | undefined;
  /** Validators' ids, each once, the proposer first; none for what an accusation opened. */
  readonly approvals: readonly string[];
}

export interface QuarantineRecord {
  /** Block that quarantined it. */
  readonly height: number;
  /** Contradictions up to this height are settled. */
  readonly releasedHeight: number | undefined;
  /** Of the removal that the accusation opened. */
  readonly changeId: Uint8Array;
}

/** Which version of a module's rules holds: `before` below the height, `version` from it on. */
export interface ModuleVersionRecord {
  readonly before: number;
  readonly version: number;
  readonly height: number;
}

/** Whose a key is for ever, of those that the chain admitted or registered. */
export interface KeyOwner {
  readonly role: "vote" | "cosigner" | "anchor";
  readonly id: string;
}

/** A set change that is decided and not yet a part of the epochs' chain. */
export interface PendingSetChange {
  readonly kind: "admitted" | "removed";
  readonly id: string;
  readonly decidedHeight: number;
}

/** What tells at one look whether anything of the consortium changed. */
export interface MembershipRecord {
  /** Last block that changed something of it. */
  readonly height: number;
  readonly pending: PendingSetChange | undefined;
}

/** Blocks that a change may wait for its votes. */
export const changeLife = 10_000;
const approvalsMax = 256;
const changeMax_bytes = 1024;
const nameMax_bytes = 400;
const keyRoles = ["vote", "cosigner", "anchor"] as const;
const pendingKinds = ["admitted", "removed"] as const;

export function encodeOrganisation(record: OrganisationRecord): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .block(utf8(record.name))
    .raw(record.certificateHash)
    .u64(record.admittedHeight)
    .u64(record.removedHeight ?? 0)
    .finish();
}

export function encodeValidator(record: ValidatorRecord): Uint8Array {
  const { contact } = record;
  const writer = new ByteWriter().u8(1).text(record.organisation).raw(record.voteKey);
  if (contact === undefined) writer.u8(0);
  else {
    writer.u8(1).raw(contact.cosignerKey).raw(contact.anchorAddress).text(contact.endpoint);
  }
  return writer
    .u64(record.admittedHeight)
    .u64(record.removedHeight ?? 0)
    .finish();
}

export function encodeChangeRecord(record: ChangeRecord): Uint8Array {
  const writer = new ByteWriter()
    .u8(1)
    .block(encodeChange(record.change))
    .u64(record.proposedHeight)
    .u64(record.decidedHeight ?? 0)
    .u32(record.approvals.length);
  for (const id of record.approvals) writer.text(id);
  return writer.finish();
}

export function encodeQuarantine(record: QuarantineRecord): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .u64(record.height)
    .u64(record.releasedHeight ?? 0)
    .raw(record.changeId)
    .finish();
}

export function encodeModuleVersion(record: ModuleVersionRecord): Uint8Array {
  return new ByteWriter().u8(1).u8(record.before).u8(record.version).u64(record.height).finish();
}

export function encodeKeyOwner(owner: KeyOwner): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .u8(keyRoles.indexOf(owner.role) + 1)
    .text(owner.id)
    .finish();
}

export function encodeMembership({ height, pending }: MembershipRecord): Uint8Array {
  const writer = new ByteWriter().u8(1).u64(height);
  if (pending === undefined) return writer.u8(0).finish();
  const number = pendingKinds.indexOf(pending.kind) + 1;
  return writer.u8(number).text(pending.id).u64(pending.decidedHeight).finish();
}

export function decodeOrganisation(value: Uint8Array | undefined): OrganisationRecord | undefined {
  return read(value, (reader) => ({
    name: readName(reader),
    certificateHash: reader.raw(32),
    admittedHeight: reader.u64(),
    removedHeight: readHeight(reader),
  }));
}

export function decodeValidator(value: Uint8Array | undefined): ValidatorRecord | undefined {
  return read(value, (reader) => ({
    organisation: readId(reader),
    voteKey: reader.raw(32),
    contact: readContact(reader),
    admittedHeight: reader.u64(),
    removedHeight: readHeight(reader),
  }));
}

function readContact(reader: ByteReader): ValidatorContact | undefined {
  const present = reader.u8();
  if (present > 1) reader.fail(`presence ${present}`);
  if (present === 0) return undefined;
  return {
    cosignerKey: reader.raw(32),
    anchorAddress: reader.raw(20),
    endpoint: readEndpoint(reader),
  };
}

export function decodeChangeRecord(value: Uint8Array | undefined): ChangeRecord | undefined {
  return read(value, (reader) => {
    const change = decodeChange(reader.block(changeMax_bytes));
    if (!change.ok) return reader.fail(change.problem.detail);
    return {
      change: change.value,
      proposedHeight: reader.u64(),
      decidedHeight: readHeight(reader),
      approvals: reader.list({ limit: approvalsMax, read: readId }),
    };
  });
}

export function decodeQuarantine(value: Uint8Array | undefined): QuarantineRecord | undefined {
  return read(value, (reader) => ({
    height: reader.u64(),
    releasedHeight: readHeight(reader),
    changeId: reader.raw(32),
  }));
}

export function decodeModuleVersion(
  value: Uint8Array | undefined,
): ModuleVersionRecord | undefined {
  return read(value, (reader) => ({
    before: reader.u8(),
    version: reader.u8(),
    height: reader.u64(),
  }));
}

export function decodeKeyOwner(value: Uint8Array | undefined): KeyOwner | undefined {
  return read(value, (reader) => {
    const role = keyRoles[reader.u8() - 1] ?? reader.fail("unknown role of a key");
    return { role, id: readId(reader) };
  });
}

export function decodeMembership(value: Uint8Array | undefined): MembershipRecord {
  const record = read(value, (reader) => {
    const height = reader.u64();
    const number = reader.u8();
    const kind = pendingKinds[number - 1];
    if (number > 0 && kind === undefined) reader.fail(`pending ${number}`);
    if (kind === undefined) return { height, pending: undefined };
    return { height, pending: { kind, id: readId(reader), decidedHeight: reader.u64() } };
  });
  return record ?? { height: 0, pending: undefined };
}

/** Up to 100 characters of up to four bytes: more than a text holds. */
function readName(reader: ByteReader): string {
  const bytes = reader.block(nameMax_bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reader.fail("name is not UTF-8");
  }
}

/** A height that is not there yet is 0. */
function readHeight(reader: ByteReader): number | undefined {
  const height = reader.u64();
  return height === 0 ? undefined : height;
}

/** undefined for no value and for one that is not of this form, which the chain itself never writes. */
function read<T>(value: Uint8Array | undefined, form: (reader: ByteReader) => T): T | undefined {
  if (value === undefined) return undefined;
  const decoded = decodeBytes(value, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`version ${version}, this reads 1`);
    return form(reader);
  });
  return decoded.ok ? decoded.value : undefined;
}

/** An organisation as the chain has it now; the genesis file's own ones have no record until they leave. */
export function organisationOf(options: {
  state: StateTree;
  genesis: Genesis;
  id: string;
}): OrganisationRecord | undefined {
  const { id } = options;
  const record = decodeOrganisation(options.state.get(organisationName(id)));
  if (record !== undefined) return record;
  const named = options.genesis.organisations.find((one) => one.id === id);
  if (named === undefined) return undefined;
  const certificateHash = new Uint8Array(32);
  return { name: named.name, certificateHash, admittedHeight: 0, removedHeight: undefined };
}

/** Ids of the organisations that the chain admitted, each once, whether they left or not. */
export function admittedOrganisations(state: StateTree): readonly string[] {
  const ids = read(state.get(organisationsName), (reader) =>
    reader.list({ limit: organisationsMax, read: readId }),
  );
  return ids ?? [];
}

export function withAdmittedOrganisation(state: StateTree, id: string): StateTree {
  const ids = [...admittedOrganisations(state), id];
  const writer = new ByteWriter().u8(1).u32(ids.length);
  for (const one of ids) writer.text(one);
  return state.with(organisationsName, writer.finish());
}

/** Whether an organisation is a member now. */
export function isMember(options: { state: StateTree; genesis: Genesis; id: string }): boolean {
  const record = organisationOf(options);
  return record !== undefined && record.removedHeight === undefined;
}

/** A validator's record; the genesis file's own ones have none until they register or leave. */
export function validatorRecordOf(options: {
  state: StateTree;
  genesis: Genesis;
  id: string;
}): ValidatorRecord | undefined {
  const { id } = options;
  const record = decodeValidator(options.state.get(validatorName(id)));
  if (record !== undefined) return record;
  const named = options.genesis.validators.find((one) => one.id === id);
  if (named === undefined) return undefined;
  const { organisation, voteKey } = named;
  return {
    organisation,
    voteKey,
    contact: undefined,
    admittedHeight: 0,
    removedHeight: undefined,
  };
}

/** A set change that is decided and not yet recorded. */
export function pendingSetChange(state: StateTree): PendingSetChange | undefined {
  return decodeMembership(state.get(membershipName)).pending;
}

export function isQuarantined(state: StateTree, id: string): boolean {
  const record = decodeQuarantine(state.get(quarantineName(id)));
  return record !== undefined && record.releasedHeight === undefined;
}

export function changeRecordOf(state: StateTree, id: Uint8Array): ChangeRecord | undefined {
  return decodeChangeRecord(state.get(changeName(id)));
}

/** What the consortium voted about a module's rules; undefined while it never did. */
export function moduleVersionOf(state: StateTree, module: number): ModuleVersionRecord | undefined {
  return decodeModuleVersion(state.get(moduleVersionName(module)));
}

/** The version that holds at a height; 1 until the consortium voted on another. */
export function versionAt(record: ModuleVersionRecord | undefined, height: number): number {
  if (record === undefined) return 1;
  return height >= record.height ? record.version : record.before;
}

/** A change's name: H(change ‖ u64 height ‖ u32 place of its transaction in the block). */
export function changeIdOf(options: {
  change: ConsortiumChange;
  height: number;
  txIndex: number;
  crypto: Crypto;
}): Uint8Array {
  const place = new ByteWriter().u64(options.height).u32(options.txIndex).finish();
  return options.crypto.sha256(encodeChange(options.change), place);
}
