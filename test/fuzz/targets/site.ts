import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { utf8 } from "@voltfog/runtime";
import { keyInRequest, requestFor } from "@voltfog/runtime/certificates";
import {
  encodeEnrolmentTokens,
  parseEnrolmentTokens,
} from "../../../cli/src/site/enrolment-tokens.ts";
import { parseSessionCookie, sessionCookie } from "../../../cloud/src/access/session-cookie.ts";
import { encodeSessionFile, parseSessionFile } from "../../../cloud/src/access/session-file.ts";
import { encodeTokenFile, parseTokenFile } from "../../../cloud/src/access/token-file.ts";
import type { FuzzTarget } from "../target.ts";

const key = generateKeyPairSync("ed25519").privateKey;
const keyPem = key.export({ format: "pem", type: "pkcs8" }).toString();
const publicKey = createPublicKey(key);
const tokens = [
  { hash: "ab".repeat(32), vehicle: "vehicle-01", expires_ms: 9 },
  { hash: "cd".repeat(32), vehicle: "bus-7", expires_ms: 2 ** 41 },
];

const sessionId = "5f".repeat(32);
const row = { id: "t-1", hash: sessionId, role: "driver", fleet: "north", expires_ms: 9 } as const;
const session = {
  ...{ hash: sessionId, tokenHash: null, created_ms: 1, expires_ms: 9 },
  caller: { id: "oidc:ada", role: "driver", fleet: "north" },
} as const;

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
  {
    name: "session-cookie",
    seeds: () => {
      const o = { host: "site:8080", id: sessionId, kept_ms: 9000, isSecure: true };
      const [pair = ""] = sessionCookie(o).split(";");
      return [utf8(pair), utf8(`a=b; ${pair}; c=d`), utf8(`${pair}; ${pair}`)];
    },
    run(input) {
      const id = parseSessionCookie(new TextDecoder().decode(input), "site:8080");
      if (id !== undefined && !/^[0-9a-f]{64}$/.test(id))
        throw new Error("takes what is no session");
    },
  },
  {
    name: "session-file",
    seeds: () => [utf8(encodeSessionFile([session]))],
    run(input) {
      const read = parseSessionFile(new TextDecoder().decode(input));
      if (!read.ok) return;
      const text = encodeSessionFile(read.value);
      const again = parseSessionFile(text);
      if (!again.ok || encodeSessionFile(again.value) !== text) {
        throw new Error("does not read what it wrote");
      }
    },
  },
  {
    name: "token-file",
    seeds: () => [
      utf8(encodeTokenFile([row, { ...row, id: "t-2", hash: "ab".repeat(32), revoked_ms: 4 }])),
    ],
    run(input) {
      const read = parseTokenFile(new TextDecoder().decode(input));
      if (!read.ok) return;
      const again = parseTokenFile(encodeTokenFile(read.value));
      if (!again.ok || encodeTokenFile(again.value) !== encodeTokenFile(read.value)) {
        throw new Error("does not read what it wrote");
      }
    },
  },
];
