import {
  type BundleProblem,
  decodeBundle,
  encodeBundle,
  parseGenesis,
  type VerifiedBundle,
  verifyBundle,
} from "@voltfog/ledger";
import { frameReader } from "@voltfog/messages";
import type { Outcome } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";

/**
 * Whether a bundle proves its frame, with trust in the genesis file alone. A genesis file that is none,
 * or that is of another chain than the bundle, is bad input: GENESIS_INVALID, GENESIS_OTHER_CHAIN.
 */
export function judgeBundle(options: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
  genesisName: string;
}): Outcome<VerifiedBundle, BundleProblem> {
  const { genesisName } = options;
  const verdict = verify(options);
  if (verdict.ok) return verdict;
  if (verdict.problem.code === "GENESIS_INVALID") {
    throw complaint({
      code: "GENESIS_INVALID",
      what: `${genesisName} is no genesis file: ${verdict.problem.detail}`,
      remedy: "name the genesis.json of the site that made the bundle",
    });
  }
  if (verdict.problem.code === "WRONG_GENESIS" && isOtherChains(options)) {
    throw complaint({
      code: "GENESIS_OTHER_CHAIN",
      what: `the bundle is of another chain than ${genesisName}`,
      remedy: "name the genesis.json of the site that made the bundle",
    });
  }
  return verdict;
}

function verify(options: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
}): Outcome<VerifiedBundle, BundleProblem> {
  return verifyBundle({ ...options, crypto: nodeCrypto, frames: frameReader });
}

/**
 * Tells a bundle of another chain from one of this chain whose chain id was altered: with this chain's
 * id put back, only the latter verifies.
 */
function isOtherChains(options: { bytes: Uint8Array; genesisBytes: Uint8Array }): boolean {
  const bundle = decodeBundle(options.bytes);
  const genesis = parseGenesis(options.genesisBytes, nodeCrypto);
  if (!bundle.ok || !genesis.ok) return false;
  const header = { ...bundle.value.header, chainId: genesis.value.chainId };
  const restored = encodeBundle({ ...bundle.value, header });
  return !verify({ bytes: restored, genesisBytes: options.genesisBytes }).ok;
}
