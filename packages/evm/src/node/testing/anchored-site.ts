import { computeAddress, SigningKey } from "ethers";
import {
  type AnchorContent,
  type AnchorPlace,
  type AnchorStatement,
  packSignatures,
  signStatement,
  sortedSet,
} from "../anchor-statement.ts";
import type { AnvilNode } from "./anvil-node.ts";
import { fundedKey } from "./anvil-node.ts";
import { TestContract } from "./test-contract.ts";

/** Anchor keys of n validators in the order of their addresses, the same each time. */
export function anchorKeys(n: number, from: number = 0): readonly SigningKey[] {
  const keys = Array.from(
    { length: n },
    (_, i) => new SigningKey(`0x${(0x1000 + from + i).toString(16).padStart(64, "0")}`),
  );
  const orderOf = (key: SigningKey): bigint => BigInt(computeAddress(key));
  return keys.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

/** Pays and sends. */
export const payer: SigningKey = fundedKey(0);

/** The two contracts of a consortium on a node, with its validators' anchor keys. For tests. */
export class AnchoredSite {
  readonly anchors: TestContract;
  readonly verifier: TestContract;
  readonly deployGas: { readonly anchors: number; readonly verifier: number };
  keys: readonly SigningKey[];
  setVersion = 1;
  readonly #chain: string;

  private constructor(o: {
    chain: string;
    anchors: TestContract;
    verifier: TestContract;
    keys: readonly SigningKey[];
    deployGas: { anchors: number; verifier: number };
  }) {
    this.#chain = o.chain;
    this.anchors = o.anchors;
    this.verifier = o.verifier;
    this.keys = o.keys;
    this.deployGas = o.deployGas;
  }

  static async deploy(o: {
    node: AnvilNode;
    validators: number;
    chain: string;
  }): Promise<AnchoredSite> {
    const { node, chain } = o;
    const keys = anchorKeys(o.validators);
    const anchors = await TestContract.deploy({
      node,
      name: "CheckpointAnchor",
      args: [chain, setOf(keys)],
      key: payer,
    });
    const verifier = await TestContract.deploy({
      node,
      name: "RecordVerifier",
      args: [anchors.contract.address],
      key: payer,
    });
    return new AnchoredSite({
      chain,
      anchors: anchors.contract,
      verifier: verifier.contract,
      keys,
      deployGas: { anchors: anchors.gas, verifier: verifier.gas },
    });
  }

  get place(): AnchorPlace {
    return { evmChainId: 31337n, contract: this.anchors.address, chain: this.#chain };
  }

  /** The set, who signed, and their signatures, as both methods take them. */
  signed(
    statement: AnchorStatement,
    signers: readonly SigningKey[],
  ): readonly [readonly string[], bigint, string] {
    const validators = setOf(this.keys);
    const signatures = new Map(
      signers.map((key) => [
        computeAddress(key),
        signStatement({ place: this.place, statement, key }),
      ]),
    );
    const packed = packSignatures({ validators, signatures });
    return [validators, packed.signers, packed.signatures];
  }

  anchor(content: AnchorContent, signers: readonly SigningKey[]): Promise<number | string> {
    const { setVersion } = this;
    const args = this.signed({ kind: "anchor", setVersion, content }, signers);
    return this.anchors.send(payer, "anchor", [content, ...args]);
  }
}

export function setOf(keys: readonly SigningKey[]): readonly string[] {
  return sortedSet(keys.map((key) => computeAddress(key)));
}
