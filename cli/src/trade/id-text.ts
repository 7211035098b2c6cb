import { fromHex } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";

/** The 16 bytes of a session's, order's or trade's id. ID_INVALID. */
export function parseId(text: string): Uint8Array {
  const id = fromHex(text.trim().toLowerCase());
  if (id?.length === 16) return id;
  throw complaint({
    code: "ID_INVALID",
    what: `${JSON.stringify(text)} is no id`,
    remedy: "give all 32 hexadecimal digits, as the lists show them",
  });
}

/** The 32 bytes of a key or hash. KEY_INVALID. */
export function parseKey(text: string): Uint8Array {
  const key = fromHex(text.trim().toLowerCase());
  if (key?.length === 32) return key;
  throw complaint({
    code: "KEY_INVALID",
    what: `${JSON.stringify(text)} is no key`,
    remedy: "give all 64 hexadecimal digits",
  });
}
