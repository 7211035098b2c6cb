import { type NoteKey, parseCosignerKey, verifyCosignatures } from "@voltfog/ledger";
import type { CosignatureView } from "@voltfog/messages";
import type { Crypto } from "@voltfog/runtime";
import { parseJson, recordOf, textOf } from "../live/json-value.ts";
import type { Remote } from "../remote/remote.ts";

/** Whom to ask, and what for. */
export interface CosignatureQuestion {
  readonly validators: readonly { readonly id: string; readonly remote: Remote }[];
  readonly chain: string;
  readonly origin: string;
  /** Hex. */
  readonly logId: string;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
}

const limits = { timeout_ms: 2000, bodyMax_bytes: 65_536 };

/**
 * What each validator last cosigned of a log, as witnesses of transparency logs do (C2SP tlog-cosignature).
 * The key is the validator's own word over the link that its certificate holds. Total: who does not
 * answer, or shows nothing that verifies, is left out.
 */
export async function cosignaturesOf(
  question: CosignatureQuestion,
): Promise<readonly CosignatureView[]> {
  const found = await Promise.all(
    question.validators.map((validator) => cosignatureOf(validator, question).catch(() => [])),
  );
  return found.flat();
}

async function cosignatureOf(
  { id, remote }: CosignatureQuestion["validators"][number],
  { chain, origin, logId, crypto, signal }: CosignatureQuestion,
): Promise<readonly CosignatureView[]> {
  const options = { ...limits, signal };
  const [own, signed] = await Promise.all([
    remote.get("/v1/cosigner", options),
    remote.get(`/v1/logs/${logId}/checkpoint`, options),
  ]);
  if (own.status !== 200 || signed.status !== 200) return [];
  const key = parseCosignerKey(textOf(recordOf(parseJson(own.body))["key"]), crypto);
  const note = new TextDecoder().decode(signed.body);
  const [named = "", digits = "", root = ""] = note.split("\n");
  if (key === undefined || named !== origin || !isOf(key, chain, id)) return [];
  const told = verifyCosignatures({ note, cosigners: [key], crypto });
  return told.map(({ name, time_s }) => ({
    ...{ validator: id, name, root },
    size: Number(digits),
    time_ms: time_s * 1000,
  }));
}

/** A validator speaks under its own name alone. */
function isOf({ name }: NoteKey, chain: string, id: string): boolean {
  return name === `voltfog/${chain}/validator/${id}`;
}
