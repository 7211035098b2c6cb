import { type NoteKey, parseCosignerKey, verifyCosignatures } from "@voltfog/ledger";
import type { FinalRoot } from "@voltfog/ledger/node";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { getBytes } from "../up/http-json.ts";

/** A cosigner's word on one of the log's checkpoints. */
export interface CosignedCheckpoint {
  readonly name: string;
  readonly time_s: number;
  readonly size: number;
  /** Whether the chain made this very checkpoint final. */
  readonly isFinal: boolean;
}

/**
 * The log's checkpoint as the validator at this address cosigned it; none where the chain is a folder,
 * or nothing became final since that validator started. Keys that the user names replace those that
 * validators registered on the chain, and these the one that the validator names itself.
 */
export async function readCosigned(o: {
  chain: string;
  keys: readonly string[] | undefined;
  /** What validators registered on the chain. */
  registered: readonly NoteKey[];
  id: Uint8Array;
  origin: string;
  finals: readonly FinalRoot[];
}): Promise<readonly CosignedCheckpoint[]> {
  if (!/^https?:\/\//.test(o.chain)) return [];
  const base = o.chain.replace(/\/$/, "");
  const answer = await getBytes(`${base}/v1/logs/${toHex(o.id)}/checkpoint`);
  if (answer.status !== 200) return [];
  const note = new TextDecoder().decode(answer.body);
  const cosigners = o.keys?.map(parsed) ?? (await knownKeys(base, o.registered));
  const [origin = "", digits = "", root = ""] = note.split("\n");
  if (origin !== o.origin) return [];
  const isFinal = o.finals.some(
    (final) => String(final.size) === digits && Buffer.from(final.root).toString("base64") === root,
  );
  const told = verifyCosignatures({ note, cosigners, crypto: nodeCrypto });
  return told.map((one) => ({ ...one, size: Number(digits), isFinal }));
}

/** A line for each. */
export function cosignedText(cosigned: readonly CosignedCheckpoint[]): readonly string[] {
  return cosigned.map(({ name, time_s, size, isFinal }) => {
    const at = new Date(time_s * 1000).toISOString();
    const standing = isFinal ? "final" : "NOT among the final ones";
    return `  cosigned by ${name} at ${at}: size ${size}, ${standing}`;
  });
}

/** The chain's word where it has one of this validator; else its own. */
async function knownKeys(base: string, registered: readonly NoteKey[]): Promise<NoteKey[]> {
  const own = parsed(await ownKey(base));
  const isRegistered = registered.some(({ name }) => name === own.name);
  return isRegistered ? [...registered] : [own];
}

async function ownKey(base: string): Promise<string> {
  const { status, body } = await getBytes(`${base}/v1/cosigner`);
  if (status !== 200) return "";
  const { key } = JSON.parse(new TextDecoder().decode(body)) as { key?: unknown };
  return String(key);
}

function parsed(text: string): NoteKey {
  const key = parseCosignerKey(text, nodeCrypto);
  if (key !== undefined) return key;
  throw complaint({
    code: "COSIGNER_KEY_INVALID",
    what: `${text} is no verifier key of a cosigner`,
    remedy: "take the key from GET /v1/cosigner of the validator, as name+id+base64",
  });
}
