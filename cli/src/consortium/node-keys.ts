import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { keccak256 } from "@voltfog/runtime";
import { writeSealedKey } from "@voltfog/runtime/node";
import type { NodePaths } from "./node-folder.ts";

/** The new keys of a node; the private ones lie sealed in its keystore. */
export interface NodeKeys {
  readonly vote: KeyObject;
  /** Ethereum address of the anchor key, 20 bytes. */
  readonly anchorAddress: Uint8Array;
}

/** Makes a vote key and an anchor key, and seals both with the passphrase. */
export function createNodeKeys(paths: NodePaths, passphrase: string): NodeKeys {
  const { privateKey: vote } = generateKeyPairSync("ed25519");
  const { privateKey: anchor } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  writeSealedKey(paths.voteKey, vote, passphrase);
  writeSealedKey(paths.anchorKey, anchor, passphrase);
  return { vote, anchorAddress: ethereumAddress(anchor) };
}

/** Last 20 bytes of Keccak-256 of the public point (Ethereum yellow paper, appendix F). */
export function ethereumAddress(key: KeyObject): Uint8Array {
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  const coordinates = [x, y].map((text) => Buffer.from(text, "base64url"));
  return keccak256(new Uint8Array(Buffer.concat(coordinates))).slice(12);
}
