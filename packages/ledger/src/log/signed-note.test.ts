import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { newSigner } from "../node/log/testing/sample-log.ts";
import { encodeVerifierKey, openNote, parseVerifierKey, signNote } from "./signed-note.ts";

/** The example of the package documentation of golang.org/x/mod/sumdb/note, where the format began. */
const goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const goText =
  "If you think cryptography is the answer to your problem,\n" +
  "then you don't know what your problem is.\n";
const goNote =
  `${goText}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg` +
  "KvqfqdngotpRZb6KE6RyyBwJnAM=\n";

function goNoteKey() {
  const key = parseVerifierKey(goKey, crypto);
  if (!key.ok) throw new Error(key.problem.detail);
  return key.value;
}

describe("signed notes", () => {
  it("open the note that Go's package documents", () => {
    const key = goNoteKey();
    expect(key.name).toBe("PeterNeumann");
    expect(encodeVerifierKey(key, crypto)).toBe(goKey);
    expect(openNote({ note: goNote, key, crypto })).toEqual({ ok: true, value: { text: goText } });
  });

  it("refuse the documented note with any one character changed", () => {
    const key = goNoteKey();
    for (let at = 0; at < goNote.length; at++) {
      const note = `${goNote.slice(0, at)}${goNote[at] === "B" ? "C" : "B"}${goNote.slice(at + 1)}`;
      expect(openNote({ note, key, crypto }).ok).toBe(false);
      expect(openNote({ note: goNote.slice(0, at), key, crypto }).ok).toBe(false);
    }
  });

  it("refuse a verifier key with any one character changed", () => {
    for (let at = 0; at < goKey.length; at++) {
      const text = `${goKey.slice(0, at)}${goKey[at] === "B" ? "C" : "B"}${goKey.slice(at + 1)}`;
      expect(parseVerifierKey(text, crypto).ok).toBe(false);
    }
    expect(parseVerifierKey(`${goKey}\n`, crypto).ok).toBe(false);
  });

  it("pass over signatures of other keys, of the same name too, but need the known one", () => {
    const [ours, theirs] = [newSigner(), newSigner()];
    const text = "a\n\nb\n";
    const note = signNote({ text, name: "log", signer: ours, crypto });
    const other = signNote({ text, name: "log", signer: theirs, crypto });
    const both = note + other.slice(other.lastIndexOf("— "));
    const open = (signer: { publicKey: Uint8Array }, name: string, signed: string) =>
      openNote({ note: signed, key: { name, publicKey: signer.publicKey }, crypto });
    expect(open(ours, "log", both)).toEqual({ ok: true, value: { text } });
    expect(open(theirs, "log", both)).toEqual({ ok: true, value: { text } });
    expect(open(theirs, "log", note)).toMatchObject({ problem: { code: "NOTE_UNSIGNED" } });
    expect(open(ours, "other", note)).toMatchObject({ problem: { code: "NOTE_UNSIGNED" } });
  });

  it("refuse a note whose known key signed something else", () => {
    const signer = newSigner();
    const key = { name: "log", publicKey: signer.publicKey };
    const note = signNote({ text: "size 1\n", name: "log", signer, crypto });
    const changed = note.replace("size 1", "size 2");
    expect(openNote({ note: changed, key, crypto })).toMatchObject({
      problem: { code: "SIGNATURE_INVALID" },
    });
  });

  it("refuse control characters, missing parts and endless signatures", () => {
    const key = goNoteKey();
    const line = goNote.slice(goNote.lastIndexOf("— "));
    const bad = [
      "",
      "\n",
      goText,
      `${goText}\n`,
      `${goText}${line}`,
      goNote.replace("If", "\tIf"),
      goNote.replace("— ", "- "),
      `${goNote}\n`,
      `${goText}\n${line.repeat(65)}`,
      `${"x".repeat(20_000)}\n\n${line}`,
      goNote.replace("If", "\ud800f"),
    ];
    for (const note of bad) {
      expect(openNote({ note, key, crypto })).toMatchObject({ ok: false });
    }
    expect(openNote({ note: `${goText}\n${line.repeat(16)}`, key, crypto }).ok).toBe(true);
  });

  it("have the key hash of the specification", () => {
    const bytes = crypto.sha256(
      new TextEncoder().encode("PeterNeumann\n\u0001"),
      goNoteKey().publicKey,
    );
    expect(toHex(bytes.subarray(0, 4))).toBe("c74f20a3");
  });
});
