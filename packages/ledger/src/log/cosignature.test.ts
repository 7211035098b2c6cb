import { concatBytes, fromHex, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newSigner } from "../node/log/testing/sample-log.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { signCheckpoint } from "./checkpoint.ts";
import {
  addCosignature,
  cosignatureMessage,
  encodeCosignerKey,
  parseCosignerKey,
  verifyCosignatures,
} from "./cosignature.ts";

const crypto = nodeCrypto;

/*
 * A checkpoint of a public Certificate Transparency log with the cosignature of a public witness, and
 * that witness's published verifier key (C2SP tlog-cosignature, type 0x04).
 */
const publicNote = `coachandhorses2026h1.staging.certificate.transparency.goog
185550722
YXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=

— coachandhorses2026h1.staging.certificate.transparency.goog MpXgsHy8ZwxXnO+WjtVrPxAzL49Rs1gWTkNVNeEa//5peAzaocRCB3qt3EaibjzY5GILLtGgBP7dBhgcSHy+JQh0OAc=
— witness.navigli.sunlight.geomys.org o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk+lKnZ7dKqkYKER1s/KxLTaVwQD7lJZTC/CQ==
`;
const publicKey =
  "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G";

const log = newSigner();
const witness = newSigner();
const note = signCheckpoint({
  origin: "example.com/log",
  size: 7,
  root: new Uint8Array(32).fill(3),
  signer: log,
  crypto,
});
const key = { name: "example.com/witness", publicKey: witness.publicKey };
const cosigned = addCosignature({
  note,
  name: key.name,
  signer: witness,
  time_s: 1_679_315_147,
  crypto,
});

describe("cosignatures as C2SP tlog-cosignature has them", () => {
  it("verifies what a public witness signed", () => {
    const cosigner = parseCosignerKey(publicKey, crypto);
    expect(cosigner?.name).toBe("witness.navigli.sunlight.geomys.org");
    expect(verifyCosignatures({ note: publicNote, cosigners: [cosigner ?? key], crypto })).toEqual([
      { name: "witness.navigli.sunlight.geomys.org", time_s: 1_785_704_691 },
    ]);
  });

  it("signs the text that the specification shows", () => {
    const text =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const message = cosignatureMessage({ text, time_s: 1_679_315_147 });
    expect(new TextDecoder().decode(message)).toBe(`cosignature/v1\ntime 1679315147\n${text}`);
  });

  it("frames key id, time and signature as the specification's example does", () => {
    // The specification gives no key for its example; its time is that of the message that it shows.
    const line =
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
    const example = fromBase64(line) ?? new Uint8Array();
    const own = fromBase64(cosigned.trimEnd().split(" ").at(-1) ?? "") ?? new Uint8Array();
    expect([example.length, own.length]).toEqual([76, 76]);
    expect(toHex(own.subarray(4, 12))).toBe(toHex(example.subarray(4, 12)));
    expect(own.subarray(4, 12)).toEqual(fromHex("00000000641850cb"));
  });

  it("derives the key id from name, type 4 and key", () => {
    const typed = concatBytes(Uint8Array.of(4), witness.publicKey);
    const id = crypto.sha256(utf8(`${key.name}\n`), typed).subarray(0, 4);
    expect(encodeCosignerKey(key, crypto)).toBe(`${key.name}+${toHex(id)}+${toBase64(typed)}`);
    expect(parseCosignerKey(encodeCosignerKey(key, crypto), crypto)).toEqual(key);
  });

  it("counts a cosigner once, and no line of another key, type, time or text", () => {
    const cosigners = [key];
    const told = (text: string) => verifyCosignatures({ note: text, cosigners, crypto });
    expect(told(cosigned)).toEqual([{ name: key.name, time_s: 1_679_315_147 }]);
    const twice = addCosignature({
      note: cosigned,
      name: key.name,
      signer: witness,
      time_s: 5,
      crypto,
    });
    expect(told(twice)).toHaveLength(1);
    expect(told(note)).toEqual([]);
    expect(told(cosigned.replace("\n7\n", "\n8\n"))).toEqual([]);
    const other = addCosignature({ note, name: key.name, signer: log, time_s: 5, crypto });
    expect(told(other)).toEqual([]);
    expect(told("no note")).toEqual([]);
    expect(parseCosignerKey(publicKey.replace("a3e0", "a3e1"), crypto)).toBeUndefined();
  });

  it("believes no note with any byte of text or cosignature changed", () => {
    const bytes = utf8(cosigned);
    const log = utf8(note).length;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 127 }), (at, change) => {
        const isLogSignature = at >= note.indexOf("—") && at < log;
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const text = Buffer.from(changed).toString("utf8");
        const count = verifyCosignatures({ note: text, cosigners: [key], crypto }).length;
        return isLogSignature || count === 0;
      }),
    );
  });
});
