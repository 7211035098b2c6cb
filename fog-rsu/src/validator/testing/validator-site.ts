import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  defaultEngine,
  type EngineChoice,
  encodeEventRecord,
  encodeGenesis,
  eventAction,
  type Genesis,
  moduleNumber,
  parseGenesis,
  signTransaction,
} from "@voltfog/ledger";
import { assert, type Signer } from "@voltfog/runtime";
import { createSigningKey, freePorts, nodeCrypto } from "@voltfog/runtime/node";
import { writeIdentity } from "../../testing/test-certificates.ts";
import type { ValidatorConfig } from "../validator-config.ts";

/** Genesis, keys and settings of a few validators in a folder of their own. For tests. */
export interface ValidatorSite {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly unit: Signer;
  readonly validators: readonly ValidatorConfig[];
  /** Another transaction of the site's one unit. */
  nextTransaction(): Uint8Array;
  remove(): void;
}

export async function createValidatorSite(options: {
  count: number;
  blockInterval_ms: number;
  emptyBlockInterval_ms: number;
  engine?: EngineChoice;
}): Promise<ValidatorSite> {
  const folder = mkdtempSync(join(tmpdir(), "voltfog-validators-"));
  const ids = Array.from({ length: options.count }, (_, i) => `validator-${i + 1}`);
  const keyOf = (id: string): string => join(folder, "keys", `${id}.key`);
  const unit = createSigningKey(keyOf("unit-1"));
  const bytes = encodeGenesis({
    chain: "test",
    created_ms: 1_760_000_000_000,
    blockInterval_ms: options.blockInterval_ms,
    emptyBlockInterval_ms: options.emptyBlockInterval_ms,
    // The default is never written.
    engine: options.engine?.name === defaultEngine.name ? undefined : options.engine,
    organisations: [{ id: "north", name: "North" }],
    validators: ids.map((id) => ({
      id,
      organisation: "north",
      voteKey: createSigningKey(keyOf(id)).publicKey,
    })),
    units: [{ id: "unit-1", organisation: "north", key: unit.publicKey }],
    vehicles: [],
  });
  const parsed = parseGenesis(bytes, nodeCrypto);
  assert(parsed.ok, "the test genesis parses");
  const path = join(folder, "genesis.json");
  writeFileSync(path, bytes);
  const ports = await freePorts(2 * options.count);
  const files = await Promise.all(
    ids.map((id) => writeIdentity({ folder, id, role: "validator" })),
  );
  const validators = files.map((tls, i) => ({
    id: ids[i] ?? "",
    genesis: path,
    key: keyOf(ids[i] ?? ""),
    passphraseFile: "",
    tlsAgency: "",
    ...tls,
    tlsRevocations: "",
    dataDir: join(folder, ids[i] ?? ""),
    host: "127.0.0.1",
    p2pPort: ports[i] ?? 0,
    backbonePort: 0,
    httpPort: ports[options.count + i] ?? 0,
    peers: ids.flatMap((peer, j) => (j === i ? [] : [`${peer}@127.0.0.1:${ports[j]}`])),
    admission: "",
    roundTimeout_ms: 1000,
    mempoolMax: 1000,
    blocksKept: 0,
    snapshotBehind: 5000,
    diskFreeMin_bytes: 0,
    diskLeftMin_d: 0,
    logLevel: "info",
  }));
  let nonce = 0;
  return {
    folder,
    genesis: parsed.value,
    unit,
    validators,
    nextTransaction: () => eventTransaction({ genesis: parsed.value, unit, nonce: ++nonce }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function eventTransaction(options: { genesis: Genesis; unit: Signer; nonce: number }): Uint8Array {
  const { genesis, unit, nonce } = options;
  const eventId = nodeCrypto.sha256(unit.publicKey, new Uint8Array([nonce >> 8, nonce & 255]));
  return signTransaction({
    chainId: genesis.chainId,
    module: moduleNumber.events,
    action: eventAction.record,
    nonce,
    payload: encodeEventRecord({
      class: "thermal-alert",
      state: "asserted",
      level: 2,
      timeBucket: 29_000_000,
      pseudonym: new Uint8Array(16),
      eventId,
    }),
    signer: unit,
  });
}
