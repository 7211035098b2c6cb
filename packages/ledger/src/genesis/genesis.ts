import {
  accepted,
  type Crypto,
  equalBytes,
  identifierPattern,
  type Outcome,
  type Problem,
  refused,
  toHex,
  utf8,
} from "@voltfog/runtime";
import { defaultEngine, type EngineChoice, engineNames, votersMinOf } from "./engine-choice.ts";
import { type JsonField, readJson } from "./json-field.ts";

export interface Organisation {
  readonly id: string;
  readonly name: string;
}

/** One vote in the consortium. Its place in the genesis list is its bit in certificates. */
export interface Validator {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: Uint8Array;
}

export interface GenesisUnit {
  readonly id: string;
  readonly organisation: string;
  readonly key: Uint8Array;
}

/** A vehicle is named only by SHA-256(salt ‖ id); the salt stays with its operator. */
export interface GenesisVehicle {
  readonly organisation: string;
  readonly key: Uint8Array;
  readonly idCommitment: Uint8Array;
}

/** The last final block of a chain that this one continues after all its validators were lost. */
export interface ChainEnd {
  readonly chainId: Uint8Array;
  readonly height: number;
  /** Hash of the header at that height. */
  readonly block: Uint8Array;
}

/** What a genesis file says. */
export interface GenesisContent {
  readonly chain: string;
  /** undefined for a chain that begins from nothing. */
  readonly predecessor?: ChainEnd | undefined;
  readonly created_ms: number;
  readonly blockInterval_ms: number;
  readonly emptyBlockInterval_ms: number;
  /** Blocks after which turns to propose are shared out anew by service; undefined: always alike. */
  readonly termBlocks?: number | undefined;
  /** What units' logs are hashed with; undefined: SHA-256. */
  readonly logHash?: "sm3" | undefined;
  /** How blocks are decided; undefined: `poa`. See {@link engineOf}. */
  readonly engine?: EngineChoice | undefined;
  readonly organisations: readonly Organisation[];
  readonly validators: readonly Validator[];
  readonly units: readonly GenesisUnit[];
  readonly vehicles: readonly GenesisVehicle[];
}

/** A parsed genesis file: the one thing that a verifier trusts. */
export interface Genesis extends GenesisContent {
  /** SHA-256("voltfog/genesis/1\n" ‖ the file's exact bytes). */
  readonly chainId: Uint8Array;
  /** The file's exact bytes. */
  readonly bytes: Uint8Array;
}

export interface GenesisProblem extends Problem {
  readonly code:
    | "GENESIS_TOO_LARGE"
    | "GENESIS_NOT_JSON"
    | "GENESIS_MALFORMED"
    | "GENESIS_DUPLICATE"
    | "GENESIS_ORGANISATION_UNKNOWN"
    | "GENESIS_ENGINE_REDUNDANT"
    | "GENESIS_ENGINE_VALIDATORS"
    | "GENESIS_NOT_CANONICAL";
  readonly detail: string;
}

export const genesisMax_bytes = 33_554_432;
export const validatorsMax = 256;
export const organisationsMax = 1024;
const unitsMax = 4096;
const vehiclesMax = 65_536;

const domain = utf8("voltfog/genesis/1\n");
export const organisationNamePattern: RegExp = /^[^\p{C}]{1,100}$/u;

/**
 * Reads a genesis file. There is one form for one content, the one that {@link encodeGenesis}
 * writes: a file with other spacing, key order or doubled keys is GENESIS_NOT_CANONICAL.
 */
export function parseGenesis(bytes: Uint8Array, crypto: Crypto): Outcome<Genesis, GenesisProblem> {
  if (bytes.length > genesisMax_bytes) {
    const detail = `${bytes.length} bytes, at most ${genesisMax_bytes}`;
    return refused({ code: "GENESIS_TOO_LARGE", detail });
  }
  const read = readJson(bytes, readContent);
  if (!read.ok)
    return refused({ code: `GENESIS_${read.problem.code}`, detail: read.problem.detail });
  const content = read.value;
  const problem = doubled(content) ?? unknownOrganisation(content) ?? engineProblem(content);
  if (problem !== undefined) return refused(problem);
  if (!equalBytes(encodeGenesis(content), bytes)) {
    const detail = "not the form that Voltfog writes (two spaces, key order, final line end)";
    return refused({ code: "GENESIS_NOT_CANONICAL", detail });
  }
  return accepted({ ...content, chainId: crypto.sha256(domain, bytes), bytes: bytes.slice() });
}

/** The canonical file of a genesis: JSON, two spaces, the specification's key order, a final line end. */
export function encodeGenesis(content: GenesisContent): Uint8Array {
  const document = {
    version: 1,
    chain: content.chain,
    ...(content.predecessor === undefined
      ? {}
      : { predecessor: predecessorDocument(content.predecessor) }),
    created_ms: content.created_ms,
    blockInterval_ms: content.blockInterval_ms,
    emptyBlockInterval_ms: content.emptyBlockInterval_ms,
    ...(content.termBlocks === undefined ? {} : { termBlocks: content.termBlocks }),
    ...(content.logHash === undefined ? {} : { logHash: content.logHash }),
    ...(content.engine === undefined ? {} : { engine: engineDocument(content.engine) }),
    organisations: content.organisations.map(({ id, name }) => ({ id, name })),
    validators: content.validators.map(({ id, organisation, voteKey }) => ({
      id,
      organisation,
      voteKey: toHex(voteKey),
    })),
    units: content.units.map(({ id, organisation, key }) => ({
      id,
      organisation,
      key: toHex(key),
    })),
    vehicles: content.vehicles.map(({ organisation, key, idCommitment }) => ({
      organisation,
      key: toHex(key),
      idCommitment: toHex(idCommitment),
    })),
  };
  return utf8(`${JSON.stringify(document, null, 2)}\n`);
}

/** How a chain's blocks are decided. */
export function engineOf({ engine }: Pick<GenesisContent, "engine">): EngineChoice {
  return engine ?? defaultEngine;
}

/** Redundant voters are written where there can be some, or where they must be refused. */
function engineDocument({ name, redundant }: EngineChoice): object {
  return name === "sbft" || redundant !== 0 ? { name, redundant } : { name };
}

function predecessorDocument({ chainId, height, block }: ChainEnd): object {
  return { chainId: toHex(chainId), height, block: toHex(block) };
}

function readContent(root: JsonField): GenesisContent {
  const field = root.object(
    [
      "version",
      "chain",
      "created_ms",
      "blockInterval_ms",
      "emptyBlockInterval_ms",
      "organisations",
      "validators",
      "units",
      "vehicles",
    ],
    ["predecessor", "termBlocks", "logHash", "engine"],
  );
  field.version.integer({ min: 1, max: 1 });
  const blockInterval_ms = field.blockInterval_ms.integer({ min: 10, max: 600_000 });
  const validators = field.validators.list({
    min: 1,
    limit: validatorsMax,
    read: readValidator,
  });
  return {
    chain: field.chain.text(identifierPattern),
    ...(field.predecessor === undefined ? {} : { predecessor: readChainEnd(field.predecessor) }),
    created_ms: field.created_ms.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    blockInterval_ms,
    emptyBlockInterval_ms: field.emptyBlockInterval_ms.integer({
      min: blockInterval_ms,
      max: 86_400_000,
    }),
    ...(field.termBlocks === undefined
      ? {}
      : { termBlocks: field.termBlocks.integer({ min: 10, max: 1_000_000 }) }),
    ...(field.logHash === undefined ? {} : { logHash: readLogHash(field.logHash) }),
    ...(field.engine === undefined ? {} : { engine: readEngine(field.engine) }),
    organisations: field.organisations.list({ limit: organisationsMax, read: readOrganisation }),
    validators,
    units: field.units.list({ limit: unitsMax, read: readUnit }),
    vehicles: field.vehicles.list({ limit: vehiclesMax, read: readVehicle }),
  };
}

/** SHA-256 is never written: one content has one form. */
function readLogHash(field: JsonField): "sm3" {
  field.text(/^sm3$/);
  return "sm3";
}

const writtenEngines = engineNames.filter((name) => name !== defaultEngine.name);
const enginePattern = new RegExp(`^(${writtenEngines.join("|")})$`);

/** The default is never written: one content has one form. */
function readEngine(field: JsonField): EngineChoice {
  const { name: named, redundant } = field.object(["name"], ["redundant"]);
  const text = named.text(enginePattern);
  const name = writtenEngines.find((each) => each === text) ?? defaultEngine.name;
  return { name, redundant: redundant?.integer({ min: 0, max: validatorsMax }) ?? 0 };
}

function readChainEnd(field: JsonField): ChainEnd {
  const { chainId, height, block } = field.object(["chainId", "height", "block"]);
  return {
    chainId: chainId.hex(32),
    height: height.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    block: block.hex(32),
  };
}

function readOrganisation(field: JsonField): Organisation {
  const { id, name } = field.object(["id", "name"]);
  return { id: id.text(identifierPattern), name: name.text(organisationNamePattern) };
}

function readValidator(field: JsonField): Validator {
  const { id, organisation, voteKey } = field.object(["id", "organisation", "voteKey"]);
  return {
    id: id.text(identifierPattern),
    organisation: organisation.text(identifierPattern),
    voteKey: voteKey.hex(32),
  };
}

function readUnit(field: JsonField): GenesisUnit {
  const { id, organisation, key } = field.object(["id", "organisation", "key"]);
  return {
    id: id.text(identifierPattern),
    organisation: organisation.text(identifierPattern),
    key: key.hex(32),
  };
}

function readVehicle(field: JsonField): GenesisVehicle {
  const { organisation, key, idCommitment } = field.object(["organisation", "key", "idCommitment"]);
  return {
    organisation: organisation.text(identifierPattern),
    key: key.hex(32),
    idCommitment: idCommitment.hex(32),
  };
}

/** One key has one role, one id one holder of its kind. */
function doubled(content: GenesisContent): GenesisProblem | undefined {
  const groups = [
    { what: "organisation", values: content.organisations.map(({ id }) => id) },
    { what: "validator", values: content.validators.map(({ id }) => id) },
    { what: "unit", values: content.units.map(({ id }) => id) },
    {
      what: "key",
      values: [
        ...content.validators.map(({ voteKey }) => toHex(voteKey)),
        ...content.units.map(({ key }) => toHex(key)),
        ...content.vehicles.map(({ key }) => toHex(key)),
      ],
    },
  ];
  for (const { what, values } of groups) {
    const seen = new Set<string>();
    for (const value of values) {
      if (seen.has(value)) return { code: "GENESIS_DUPLICATE", detail: `two of ${what} ${value}` };
      seen.add(value);
    }
  }
  return undefined;
}

function unknownOrganisation(content: GenesisContent): GenesisProblem | undefined {
  const known = new Set(content.organisations.map(({ id }) => id));
  const members = [...content.validators, ...content.units, ...content.vehicles];
  const stray = members.find(({ organisation }) => !known.has(organisation));
  if (stray === undefined) return undefined;
  return { code: "GENESIS_ORGANISATION_UNKNOWN", detail: `no organisation ${stray.organisation}` };
}

function engineProblem(content: GenesisContent): GenesisProblem | undefined {
  const { name, redundant } = engineOf(content);
  if (name !== "sbft" && redundant !== 0) {
    const detail = `${redundant} redundant validators, which only sbft has and not ${name}`;
    return { code: "GENESIS_ENGINE_REDUNDANT", detail };
  }
  const validators = content.validators.length;
  const needed = votersMinOf({ name, redundant });
  if (validators >= needed) return undefined;
  const detail = `${name} with ${redundant} redundant needs ${needed} validators, not ${validators}`;
  return { code: "GENESIS_ENGINE_VALIDATORS", detail };
}
