import { readFileSync } from "node:fs";
import { Interface, type JsonFragment } from "ethers";

export type ContractName =
  | "CheckpointAnchor"
  | "RecordVerifier"
  | "LogRegistry"
  | "EventRegistry"
  | "SettlementVault";

/** A compiled contract as it is committed in contracts/artefacts. */
export interface Artefact {
  readonly abi: Interface;
  /** Hex with 0x: what deploys it, constructor arguments to be appended. */
  readonly bytecode: string;
}

const folder = new URL("../../../../contracts/artefacts/", import.meta.url);
const loaded = new Map<ContractName, Artefact>();

export function artefactOf(name: ContractName): Artefact {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`${name}.json`, folder), "utf8");
  // The build's own file, which a test rebuilds byte for byte.
  const { abi, bytecode } = JSON.parse(text) as {
    abi: readonly JsonFragment[];
    bytecode: string;
  };
  const artefact = { abi: new Interface(abi), bytecode };
  loaded.set(name, artefact);
  return artefact;
}
