import { existsSync } from "node:fs";
import {
  type RestsOn,
  type TrustedBlock,
  type TrustProblem,
  trustedQuery,
  type VerifiedBundle,
  verifyTrusted,
} from "@voltfog/ledger";
import { accepted, fromHex, type Outcome, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { getBytes } from "../up/http-json.ts";

/**
 * Whether the block that the user trusts says the same as a bundle that verified; undefined where none
 * was named. EVIDENCE_UNREADABLE where a validator has none yet, FILE_UNREADABLE for a missing file.
 */
export async function judgeTrust(o: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
  bundle: VerifiedBundle;
  trusted: string | undefined;
}): Promise<Outcome<RestsOn | undefined, TrustProblem>> {
  if (o.trusted === undefined) return accepted(undefined);
  const { bytes, genesisBytes, bundle: verified } = o;
  const trusted = await readTrusted(o.trusted, verified);
  return verifyTrusted({ bytes, genesisBytes, verified, trusted, crypto: nodeCrypto });
}

async function readTrusted(text: string, verified: VerifiedBundle): Promise<TrustedBlock> {
  if (/^https?:\/\//.test(text)) {
    const { results, names } = trustedQuery({ verified, crypto: nodeCrypto });
    const query = `results=${results.join(",")}&names=${names.join(",")}`;
    const { status, body } = await getBytes(`${text.replace(/\/$/, "")}/v1/evidence?${query}`);
    if (status === 200) return { evidence: body };
    throw complaint({
      code: "EVIDENCE_UNREADABLE",
      what: `${text} gives no evidence of this bundle's checkpoint (${status})`,
      remedy: "name the address of a validator that has caught up",
    });
  }
  const hash = /^[0-9a-f]{64}$/.test(text) && !existsSync(text) ? fromHex(text) : undefined;
  return hash === undefined ? { evidence: readInputFile(text) } : { hash };
}

/** What the proof rests on, for `--json`. */
export function restsOnFacts(bundle: VerifiedBundle, trusted: RestsOn | undefined): object {
  const { validators, block } = bundle;
  const epoch = { epoch: block.epoch, signed: validators.signed.length, of: validators.of };
  if (trusted === undefined) return { genesis: true, ...epoch, trustedBlock: null };
  const { height, hash, time_ms } = trusted;
  return { genesis: true, ...epoch, trustedBlock: { height, hash: toHex(hash), time_ms } };
}

/** The same for a person. */
export function restsOnText(bundle: VerifiedBundle, trusted: RestsOn | undefined): string {
  const { validators, block } = bundle;
  const givers =
    block.epoch === 0
      ? "the genesis file gives"
      : `the genesis file and the ${block.epoch} changes of keys since give`;
  const keys = `${validators.needed} of ${validators.of} vote keys of epoch ${block.epoch}, which ${givers}`;
  if (trusted === undefined) {
    return `  rests on    ${keys}; who holds so many keys of that epoch, even retired ones, could have made it: --trusted names a recent block beside them`;
  }
  const { height, hash, time_ms } = trusted;
  const at = new Date(time_ms).toISOString();
  return `  rests on    block ${height} of ${at}, ${toHex(hash).slice(0, 16)}…, which you trust; and on ${keys}`;
}
