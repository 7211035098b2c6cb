import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { utf8 } from "@voltfog/runtime";
import { keyInRequest, requestFor } from "@voltfog/runtime/certificates";
import {
  encodeEnrolmentTokens,
  parseEnrolmentTokens,
} from "../../../cli/src/site/enrolment-tokens.ts";
import type { FuzzTarget } from "../target.ts";

const key = generateKeyPairSync("ed25519").privateKey;
const keyPem = key.export({ format: "pem", type: "pkcs8" }).toString();
const publicKey = createPublicKey(key);
const tokens = [
  { hash: "ab".repeat(32), vehicle: "vehicle-01", expires_ms: 9 },
  { hash: "cd".repeat(32), vehicle: "bus-7", expires_ms: 2 ** 41 },
];

/** What the operator's commands and the registrar read. */
export const targets: readonly FuzzTarget[] = [
  {
    name: "certificate-request",
    async seeds() {
      const pem = await requestFor(keyPem);
      return [new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64"))];
    },
    async run(input) {
      const text = Buffer.from(input).toString("base64");
      const request = `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----\n`;
      const read = await keyInRequest(request);
      if (read.ok && !read.value.equals(publicKey)) throw new Error("takes a key nobody held");
    },
  },
  {
    name: "enrolment-tokens",
    seeds: () => [
      utf8(encodeEnrolmentTokens(tokens)),
      utf8(JSON.stringify({ version: 1, tokens })),
    ],
    run(input) {
      const read = parseEnrolmentTokens(new TextDecoder().decode(input));
      if (!read.ok) return;
      const text = encodeEnrolmentTokens(read.value);
      const again = parseEnrolmentTokens(text);
      if (!again.ok || encodeEnrolmentTokens(again.value) !== text) {
        throw new Error("does not read what it wrote");
      }
    },
  },
];
