import { createPrivateKey } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@voltfog/runtime";
import { loadTlsIdentity } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { consortiumPaths, openAgency, readConsortiumFile } from "./consortium-folder.ts";
import { createConsortium } from "./create-consortium.ts";
import { nodePaths, readNodeConfig, readNodeSettings } from "./node-folder.ts";
import { ethereumAddress } from "./node-keys.ts";

const root = mkdtempSync(join(tmpdir(), "voltfog-node-"));
const paths = consortiumPaths(join(root, "alliance"));
const first = nodePaths(join(paths.nodes, "validator-1"));

beforeAll(async () => {
  await createConsortium(paths, {
    chain: "alliance",
    founders: [
      { id: "north", name: "North Grid", validators: 1 },
      { id: "south", name: "South", validators: 1 },
    ],
    host: "127.0.0.1",
    basePort: 9000,
    blockInterval_ms: 1000,
    passphrase: "secret",
    passphraseFile: "passphrase",
    now_ms: Date.now(),
  });
});

afterAll(() => rmSync(root, { recursive: true }));

test("a founded consortium has one genesis file, an agency for each organisation, and whole nodes", async () => {
  const { genesis, bootstrap } = readConsortiumFile(paths.public);
  expect(genesis.validators.map(({ id, organisation }) => `${id} ${organisation}`)).toEqual([
    "validator-1 north",
    "validator-2 south",
  ]);
  expect(bootstrap).toEqual(["validator-1@127.0.0.1:9000", "validator-2@127.0.0.1:9010"]);
  expect((await openAgency(join(paths.agencies, "south"))).holder).toBe("south");
  const { certificate } = loadTlsIdentity(readNodeConfig(first, {}));
  expect(certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test("a node's folder works where it is moved to", () => {
  const moved = nodePaths(join(root, "moved"));
  cpSync(first.root, moved.root, { recursive: true });
  const config = readNodeConfig(moved, {});
  expect(config).toMatchObject({
    id: "validator-1",
    key: moved.voteKey,
    dataDir: moved.data,
    passphraseFile: join(moved.root, "passphrase"),
    peers: ["validator-2@127.0.0.1:9010"],
  });
});

test("a folder is never written over, and what is no node or a damaged one is said", async () => {
  const plan = { chain: "x", founders: [], host: "", basePort: 1, blockInterval_ms: 1000 };
  const secret = { passphrase: "p", passphraseFile: "", now_ms: 0 };
  await expect(createConsortium(paths, { ...plan, ...secret })).rejects.toMatchObject({
    code: "NODE_EXISTS",
  });
  expect(() => readNodeSettings(nodePaths(root))).toThrow(
    expect.objectContaining({ code: "NODE_UNKNOWN" }),
  );
  const moved = nodePaths(join(root, "moved"));
  writeFileSync(moved.logConf, '{"level": "loud"}');
  expect(() => readNodeConfig(moved, {})).toThrow(
    expect.objectContaining({ code: "NODE_DAMAGED" }),
  );
});

test("the certificate of another organisation's agency is refused at the start", () => {
  const files = {
    ...readNodeConfig(first, {}),
    tlsAgency: join(paths.agencies, "south", "agency.crt"),
  };
  expect(() => loadTlsIdentity(files)).toThrow(
    expect.objectContaining({ code: "CERTIFICATE_UNREADABLE" }),
  );
});

test("an anchor key's address is the Ethereum one: that of the private key 1 is known", () => {
  const part = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
  // The generator of secp256k1 (SEC 2 §2.4.1) is that key's public point.
  const key = createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "secp256k1",
      d: part("1".padStart(64, "0")),
      x: part("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
      y: part("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
    },
  });
  expect(toHex(ethereumAddress(key))).toBe("7e5f4552091a69125d5dfcb7b8c2659029395bdf");
});
