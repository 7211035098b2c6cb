import { confirmStatement, type RingConfirmOrder } from "@voltfog/ledger";
import { encodeRingSignature, signRing } from "@voltfog/market";
import type { PileContractDetailView } from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";
import { parseId, parseKey } from "./id-text.ts";
import { shownContract } from "./pile-contract.ts";

export type ContractSide = "buyer" | "owner";

/** What a member of a group hands to whoever brings it to the chain; nothing in it tells which member. */
export interface RingConfirmation {
  readonly version: 1;
  readonly chainId: string;
  readonly contract: string;
  readonly side: ContractSide;
  /** LSAG over secp256k1, hex. */
  readonly signature: string;
}

/** SIDE_INVALID for anything but buyer and owner. */
export function parseSide(text: string): ContractSide {
  if (text === "buyer" || text === "owner") return text;
  throw complaint({
    code: "SIDE_INVALID",
    what: `${JSON.stringify(text)} is no side of a contract`,
    remedy: "write buyer or owner",
  });
}

/**
 * Signs terms and readings as they were shown for one side's group; the chain refuses the signature under any
 * others. GROUP_UNKNOWN, NOT_METERED, NOT_A_MEMBER.
 */
export function signConfirmation(options: {
  chainId: string;
  shown: PileContractDetailView;
  side: ContractSide;
  secret: Uint8Array;
}): RingConfirmation {
  const { chainId, shown, side, secret } = options;
  const group = side === "buyer" ? shown.buyerGroup : shown.ownerGroup;
  if (group === null) {
    throw complaint({
      code: "GROUP_UNKNOWN",
      what: `no group confirms for the ${side} of ${shown.id}`,
      remedy: `the ${side} confirms with voltfog trade pile-confirm, or names a group with pile-group`,
    });
  }
  if (shown.given_Wh === null || shown.received_Wh === null) {
    throw complaint({
      code: "NOT_METERED",
      what: `both meters of ${shown.id} have not reported yet`,
      remedy: "sign once they have: their readings are what is confirmed",
    });
  }
  const ring = group.keys.map((key) => fromHex(key) ?? new Uint8Array());
  const contract = shownContract(shown);
  const named = { chainId: parseKey(chainId), contractId: parseId(shown.id), contract, side, ring };
  const statement = confirmStatement(named, nodeCrypto);
  const signature = signRing({ statement, secret, crypto: nodeCrypto });
  if (signature === undefined) {
    throw complaint({
      code: "NOT_A_MEMBER",
      what: `your key is none of the ${ring.length} that confirm for the ${side}`,
      remedy: "name the member with --as, or have your key named with voltfog trade pile-group",
    });
  }
  return {
    ...{ version: 1, chainId, contract: shown.id, side },
    signature: toHex(encodeRingSignature(signature)),
  };
}

/** A confirmation out of its file, as the chain takes it. RING_FILE_INVALID. */
export function readRingConfirmation(path: string): {
  readonly chainId: string;
  readonly order: RingConfirmOrder;
} {
  const { version, chainId, contract, side, signature } = readJsonObject(path);
  const contractId = fromHex(String(contract));
  const bytes = fromHex(String(signature));
  const isSide = side === "buyer" || side === "owner";
  const isWhole = version === 1 && contractId?.length === 16 && bytes !== undefined && isSide;
  if (!isWhole || fromHex(String(chainId))?.length !== 32) {
    throw complaint({
      code: "RING_FILE_INVALID",
      what: `${path} is no confirmation of a group's member`,
      remedy: "have the member make it again with voltfog trade ring-sign",
    });
  }
  return { chainId: String(chainId), order: { contractId, side, signature: bytes } };
}
