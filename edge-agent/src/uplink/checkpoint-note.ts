import { type Crypto, utf8 } from "@voltfog/runtime";

/**
 * Whether the unit's key signed this checkpoint for this log. A signed note (C2SP signed-note) is text,
 * an empty line, then lines "— name base64(4 bytes of key hash ‖ signature)"; the signature is over the
 * text with its final newline. A checkpoint's first line is its log's origin. What the checkpoint says
 * about the frame is for whoever holds a proof; the vehicle only keeps the unit's word.
 */
export function isSignedCheckpoint(options: {
  note: string;
  origin: string;
  publicKey: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { note, origin, publicKey, crypto } = options;
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.startsWith(`${origin}\n`)) return false;
  const message = utf8(note.slice(0, end + 1));
  const prefix = `— ${origin} `;
  return note
    .slice(end + 2)
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .some((line) => {
      const signed = Buffer.from(line.slice(prefix.length), "base64");
      if (signed.length !== 4 + 64) return false;
      const signature = new Uint8Array(signed.subarray(4));
      return crypto.verify({ publicKey, message, signature });
    });
}
