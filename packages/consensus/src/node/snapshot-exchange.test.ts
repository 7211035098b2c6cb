import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Chain,
  commitMessage,
  encodeBlock,
  encodeCertificate,
  encodeEventRecord,
  encodeGenesis,
  eventAction,
  headerHash,
  moduleNumber,
  parseGenesis,
  signTransaction,
} from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { type Crypto, ManualClock, silentLogger } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { LedgerApplication } from "../ledger-application.ts";
import { Mempool } from "../mempool.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import type { Transport } from "../transport.ts";
import {
  decodePeerMessage,
  encodePeerMessage,
  type FinalBytes,
  type PeerMessage,
} from "../wire/peer-message.ts";
import { BlockExchange } from "./block-exchange.ts";
import { takeFetched } from "./fetched-work.ts";
import type { FetchedWork } from "./work-queue.ts";

// Files that are synced, several stores at once: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto: Crypto = { ...nodeCrypto, verify: simulatedCrypto.verify };
const unit = simulatedSigner(100);
const voters = [0, 1, 2, 3].map((voter) => simulatedSigner(voter));
const parsed = parseGenesis(
  encodeGenesis({
    chain: "test",
    created_ms: 1_760_000_000_000,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: 10_000,
    organisations: [{ id: "north", name: "North" }],
    validators: voters.map(({ publicKey }, i) => ({
      id: `validator-${i + 1}`,
      organisation: "north",
      voteKey: publicKey,
    })),
    units: [{ id: "unit-1", organisation: "north", key: unit.publicKey }],
    // Each is a record of the state, so that it needs several parts.
    vehicles: Array.from({ length: 9000 }, (_, i) => ({
      organisation: "north",
      key: nodeCrypto.sha256(Uint8Array.of(1, i, i >> 8)),
      idCommitment: nodeCrypto.sha256(Uint8Array.of(2, i, i >> 8)),
    })),
  }),
  crypto,
);
if (!parsed.ok) throw new Error(parsed.problem.detail);
const genesis = parsed.value;
const { chainId } = genesis;

const eventsPerBlock = 5;
const blocks: FinalBytes[] = [];
const whole = Chain.fromGenesis({ genesis, crypto });
for (let height = 1; height <= 44; height++) {
  const transactions = Array.from({ length: eventsPerBlock }, (_, i) => {
    const nonce = (height - 1) * eventsPerBlock + i + 1;
    const payload = encodeEventRecord({
      class: "overcharge",
      state: "asserted",
      level: 1,
      timeBucket: 1,
      pseudonym: new Uint8Array(16),
      eventId: nodeCrypto.sha256(Uint8Array.of(nonce, nonce >> 8)),
    });
    const { events: module } = moduleNumber;
    return signTransaction({
      ...{ chainId, module, action: eventAction.record, nonce, payload, signer: unit },
    });
  });
  const [proposer] = voters;
  if (proposer === undefined) throw new Error("there are voters");
  const time_ms = 1_760_000_000_000 + height * 1000;
  const parentCertificate = whole.head.certificate;
  const block = whole.build({
    ...{ parentCertificate, time_ms, proposer: proposer.publicKey, transactions },
  });
  const blockHash = headerHash(block.header, crypto);
  const content = { chainId, epoch: 0, height, round: 0, blockHash, delay_ms: 5 };
  const signatures = [0, 1, 2].map((validator) => ({
    validator,
    delay_ms: 5,
    signature: simulatedSigner(validator).sign(commitMessage(content)),
  }));
  const seals = { form: "commit", validators: 4, signatures } as const;
  const certificate = encodeCertificate({ height, round: 0, blockHash, ...seals });
  const final = { block: encodeBlock(block), certificate };
  if (!whole.follow(final).ok) throw new Error("the block is good");
  blocks.push(final);
}

type Bend = (message: PeerMessage) => PeerMessage | undefined;

/** A validator's exchange, with its store, among others in one process. */
interface Party {
  readonly store: ChainStore;
  readonly exchange: BlockExchange;
  /** Places of parts that it asked for, by whom. */
  readonly asked: { readonly peer: number; readonly piece: number | "plan" }[];
  readonly warnings: string[];
  /** One work after the other, as a validator does it. */
  take(work: FetchedWork): void;
  stop(): Promise<void>;
}

const recursive = { recursive: true } as const;
const mempool = new Mempool({ transactions: 1, transactionsPerSender: 1, size_bytes: 1 });
const made = mkdtempSync(join(tmpdir(), "exchange-made-"));
let root: string;
let clock: ManualClock;
let parties: Map<number, Party>;
let bends: Map<number, Bend>;

afterAll(() => {
  rmSync(made, { recursive: true, force: true });
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "exchange-"));
  clock = new ManualClock(1_000_000);
  parties = new Map();
  bends = new Map();
});

afterEach(async () => {
  for (const { stop } of parties.values()) await stop();
  rmSync(root, { recursive: true, force: true });
});

function deliver(from: number, to: number, message: PeerMessage): void {
  const bent = bends.has(from) ? bends.get(from)?.(message) : message;
  const target = parties.get(to);
  if (bent === undefined || target === undefined) return;
  const decoded = decodePeerMessage(encodePeerMessage(bent));
  if (!decoded.ok) throw new Error(decoded.problem.detail);
  const { value } = decoded;
  switch (value.type) {
    case "height":
      target.exchange.learn(from, value.height);
      break;
    case "block-request":
      target.exchange.answer(from, value);
      break;
    case "blocks":
      target.take({ type: "blocks", from, blocks: value.blocks });
      break;
    case "snapshot-offer":
    case "snapshot-request":
    case "snapshot-part":
      target.exchange.received(from, value);
      break;
    default:
      throw new Error(`no ${value.type} here`);
  }
}

function openStore(options: {
  folder: string;
  blocksKept?: number | undefined;
}): Promise<ChainStore> {
  return ChainStore.open({
    folder: options.folder,
    genesis,
    crypto,
    logger: silentLogger,
    segmentMax_bytes: 10_000,
    snapshotEvery: 10,
    retention: { blocksKept: options.blocksKept, readersFrom: () => Number.POSITIVE_INFINITY },
  });
}

/** A folder with that many blocks, made once. */
async function stored(options: {
  height: number;
  blocksKept?: number | undefined;
}): Promise<string> {
  const { height, blocksKept } = options;
  const folder = join(made, `${height}-${blocksKept}`);
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  const store = await openStore({ folder, blocksKept });
  for (const final of blocks.slice(0, height)) {
    const followed = store.chain.follow(final);
    const { certificate } = store.chain.head;
    if (followed.ok && certificate) await store.record(followed.value, certificate);
  }
  await store.close();
  return folder;
}

async function party(
  self: number,
  options: { height: number; blocksKept?: number | undefined; snapshotBehind?: number },
): Promise<Party> {
  const folder = join(root, `validator-${self}`);
  const { blocksKept } = options;
  if (!existsSync(folder)) cpSync(await stored({ ...options, blocksKept }), folder, recursive);
  const store = await openStore({ folder, blocksKept });
  const asked: Party["asked"] = [];
  const warnings: string[] = [];
  const transport = { isConnected: (peer: number) => parties.has(peer) } as unknown as Transport;
  const exchange = new BlockExchange({
    store,
    clock,
    crypto,
    transport,
    logger: { ...silentLogger, warn: (phrase) => warnings.push(phrase) },
    snapshotBehind: options.snapshotBehind ?? 20,
    send: (to, message) => {
      if (message.type === "snapshot-request") asked.push({ peer: to, piece: message.piece });
      setImmediate(() => deliver(self, to, message));
    },
    whole: (incoming) => take({ type: "snapshot", incoming }),
  });
  const application = new LedgerApplication({ chain: store.chain, mempool, crypto });
  const becameFinal = async (): Promise<void> => exchange.grown();
  const parts = { application, store, exchange, logger: silentLogger, becameFinal };
  let working: Promise<void> = Promise.resolve();
  const take = (work: FetchedWork): void => {
    working = working.then(() => takeFetched(work, parts));
  };
  const one: Party = {
    store,
    exchange,
    asked,
    warnings,
    take,
    stop: async () => {
      parties.delete(self);
      await exchange.stop();
      await working;
      await store.close();
    },
  };
  parties.set(self, one);
  return one;
}

/** Everyone greets everyone, and from then on the clock runs until the condition holds. */
async function run(until: () => boolean): Promise<void> {
  for (const [self, { exchange }] of parties) {
    exchange.start();
    for (const peer of parties.keys()) if (peer !== self) exchange.greet(peer);
  }
  await turnUntil(until);
}

async function turnUntil(until: () => boolean): Promise<void> {
  for (let turn = 0; !until(); turn++) {
    if (turn > 50_000) throw new Error("it never came to that");
    // A turn is one access to the disk, so that the clock does not run away from what waits for it.
    await readdir(root);
    if (turn % 10 === 9) clock.advance(50);
  }
}

const partsOf = ({ asked }: Party): (number | "plan")[] => asked.map(({ piece }) => piece);

test("an empty validator fetches a snapshot from several peers and goes on with blocks", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  const fresh = await party(9, { height: 0 });
  await run(() => fresh.store.blocks.height === 44);
  expect(fresh.store.chain.head).toEqual(whole.head);
  expect(fresh.store.blocks.first).toBe(41);
  const parts = fresh.store.offered?.parts ?? 0;
  expect(parts).toBeGreaterThan(3);
  expect(partsOf(fresh).filter((piece) => piece !== "plan")).toHaveLength(parts);
  expect(new Set(fresh.asked.map(({ peer }) => peer)).size).toBe(3);
  expect(readdirSync(join(root, "validator-9"))).not.toContain("incoming");
});

test("a peer that changes parts and one that sends none are passed over", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  bends.set(1, (message) => {
    if (message.type !== "snapshot-part" || message.piece === "plan") return message;
    const bytes = message.bytes.slice();
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    return { ...message, bytes };
  });
  bends.set(2, (message) => (message.type === "snapshot-part" ? undefined : message));
  const fresh = await party(9, { height: 0 });
  await run(() => fresh.store.blocks.height === 44);
  expect(fresh.store.chain.head).toEqual(whole.head);
  const asked = (peer: number): number => fresh.asked.filter((one) => one.peer === peer).length;
  expect(asked(1)).toBeLessThanOrEqual(3);
  expect(asked(2)).toBeLessThanOrEqual(3);
  expect(asked(3)).toBeGreaterThan(2);
});

test("a plan that no certificate makes final is refused, and the others' is taken", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  for (const peer of [1, 2]) {
    bends.set(peer, (message) => {
      if (message.type !== "snapshot-part" || message.piece !== "plan") return message;
      const bytes = message.bytes.slice();
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      return { ...message, bytes };
    });
  }
  const fresh = await party(9, { height: 0 });
  await run(() => fresh.store.blocks.height === 44);
  expect(fresh.store.chain.head).toEqual(whole.head);
  expect(new Set(fresh.warnings)).toEqual(new Set(["peer sent a wrong piece of a snapshot"]));
});

test("what one peer alone says to be far ahead is not believed while honest ones are there", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  bends.set(1, (message) =>
    message.type === "snapshot-offer"
      ? { ...message, id: new Uint8Array(32).fill(9), height: 900_000 }
      : message,
  );
  const fresh = await party(9, { height: 0 });
  await run(() => fresh.store.blocks.height === 44);
  expect(fresh.store.chain.head).toEqual(whole.head);
});

test("a validator that was killed goes on with the parts that it had", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  for (const peer of [1, 2, 3]) {
    bends.set(peer, (message) =>
      message.type === "snapshot-part" && message.piece === 2 ? undefined : message,
    );
  }
  const fresh = await party(9, { height: 0 });
  const kept = (): number => readdirSync(join(root, "validator-9", "incoming")).length;
  await run(() => fresh.asked.length > 3 && kept() > 2);
  await fresh.stop();
  const before = kept();
  bends.clear();
  const again = await party(9, { height: 0 });
  await run(() => again.store.blocks.height === 44);
  expect(again.store.chain.head).toEqual(whole.head);
  expect(partsOf(again)).not.toContain("plan");
  const parts = again.store.offered?.parts ?? 0;
  // One file is the plan.
  expect(again.asked.length).toBeLessThanOrEqual(parts - (before - 1));
  expect(partsOf(again)).toContain(2);
});

test("a validator that is a little behind is given blocks, unless nobody has them any more", async () => {
  const kept = await party(1, { height: 44 });
  await party(2, { height: 44, blocksKept: 1 });
  const late = await party(9, { height: 20 });
  await run(() => late.store.blocks.height === 44);
  expect(late.asked).toEqual([]);
  expect(late.store.blocks.first).toBe(1);
  await kept.stop();
  await late.stop();
  const later = await party(8, { height: 20 });
  await run(() => later.store.blocks.height === 44);
  expect(partsOf(later)).toContain("plan");
  expect(later.store.chain.head).toEqual(whole.head);
});

test("who holds every block goes on with blocks however far behind, who does not takes the snapshot", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  const all = await party(8, { height: 5 });
  const some = await party(9, { height: 5, blocksKept: 100 });
  await run(() => [all, some].every(({ store }) => store.blocks.height === 44));
  expect([all.store.blocks.first, some.store.blocks.first]).toEqual([1, 41]);
});

test("rubbish about snapshots for ever keeps nobody from it", async () => {
  for (const peer of [1, 2, 3]) await party(peer, { height: 44 });
  const fresh = await party(9, { height: 0 });
  const id = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.constant(parties.get(1)?.store.offered?.id ?? new Uint8Array(32)),
  );
  const piece = fc.oneof(fc.constant("plan" as const), fc.nat(12));
  const rubbish = fc.oneof(
    fc.record({
      type: fc.constant("snapshot-offer" as const),
      id,
      height: fc.maxSafeNat(),
      first: fc.maxSafeNat(),
    }),
    fc.record({ type: fc.constant("snapshot-request" as const), id, piece }),
    fc.record({
      type: fc.constant("snapshot-part" as const),
      id,
      piece,
      bytes: fc.uint8Array({ maxLength: 200 }),
    }),
  );
  parties.set(7, { ...fresh, stop: async () => {} });
  const flood = fc.sample(rubbish, { numRuns: 3000, seed: 1 });
  const send = (): void => {
    for (const message of flood.splice(0, 20)) {
      fresh.exchange.received(7, message);
      parties.get(1)?.exchange.received(7, message);
    }
  };
  await run(() => {
    send();
    return fresh.store.blocks.height === 44 && flood.length === 0;
  });
  expect(fresh.store.chain.head).toEqual(whole.head);
});
