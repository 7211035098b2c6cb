import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEdgeJournal } from "../../edge-agent/src/index.ts";
import { type Outbox, openOutbox } from "../../edge-agent/src/outbox/open-outbox.ts";
import { readFrame } from "../../edge-agent/src/testing/read-frames.ts";
import {
  testCut,
  testOutboxOptions,
  testSigner,
} from "../../edge-agent/src/testing/test-vehicle.ts";
import { VoteStore } from "../../packages/consensus/src/node/index.ts";
import { fsckLog, TelemetryLog } from "../../packages/ledger/src/node/index.ts";
import {
  SampleItems,
  sampleOptions,
} from "../../packages/ledger/src/node/log/testing/sample-log.ts";
import { SeededRandom, silentLogger, toHex } from "../../packages/runtime/src/index.ts";
import {
  AppendFile,
  nodeCrypto,
  type OpenDiskFile,
  RecordFile,
} from "../../packages/runtime/src/node/index.ts";
import { faultSeed } from "./fault-seed.ts";
import { ForgetfulDisk } from "./forgetful-disk.ts";

/** Power cuts of one kind of file; each at another moment. */
const cuts = 25;

/** Something that promises to keep what it has said. */
interface Keeper {
  /** Says something that must never be forgotten, and gives it once it may be relied on. */
  next(): Promise<string>;
  /** What is known after a start on a disk that forgets nothing. */
  known(): Promise<ReadonlySet<string>>;
}

type OpenKeeper = (o: { folder: string; openFile: OpenDiskFile }) => Promise<Keeper>;

let folder: string;
let random: SeededRandom;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-power-"));
  random = new SeededRandom(faultSeed);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What was said and is not known after power cuts at random moments. */
async function forgotten(
  open: OpenKeeper,
  forgets?: (path: string) => boolean,
): Promise<{ said: number; missing: number; syncs: number }> {
  const total = { said: 0, missing: 0, syncs: 0 };
  for (let cut = 0; cut < cuts; cut++) {
    const disk = new ForgetfulDisk(forgets === undefined ? {} : { forgets });
    const place = mkdtempSync(join(folder, "cut-"));
    const keeper = await open({ folder: place, openFile: disk.open });
    const said: string[] = [];
    const before = 1 + Math.floor(random.uniform() * 12);
    while (said.length < before) said.push(await keeper.next());
    void keeper.next().then((last) => said.push(last));
    await turns(Math.floor(random.uniform() * 6));
    disk.cutPower();
    const known = await keeper.known().catch((thrown) => {
      // Not to start at all on what is left is the loud way of having forgotten.
      if (forgets === undefined) throw thrown;
      return new Set<string>();
    });
    total.said += said.length;
    total.missing += said.filter((one) => !known.has(one)).length;
    total.syncs += disk.syncs;
  }
  return total;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A keeper keeps all it said, in at least one sync each, and without the syncs it would not. */
async function expectKept(open: OpenKeeper, files: (path: string) => boolean): Promise<void> {
  const kept = await forgotten(open);
  expect(kept.said).toBeGreaterThan(2 * cuts);
  expect(kept.missing).toBe(0);
  expect(kept.syncs).toBeGreaterThanOrEqual(kept.said);
  const careless = await forgotten(open, files);
  expect(careless.missing).toBeGreaterThan(careless.said / 2);
}

const recordFile: OpenKeeper = async ({ folder: place, openFile }) => {
  const options = { path: join(place, "records"), kind: "test/1" };
  const file = await RecordFile.open({ ...options, openFile });
  return {
    async next() {
      const payload = random.bytes(1 + Math.floor(random.uniform() * 300));
      await file.append([payload]);
      return toHex(payload);
    },
    async known() {
      const known = new Set<string>();
      const onRecord = ({ payload }: { payload: Uint8Array }): void => {
        known.add(toHex(payload));
      };
      await (await RecordFile.open({ ...options, onRecord })).close();
      return known;
    },
  };
};

test(`a file of records keeps what it took through a power cut (seed ${faultSeed})`, async () => {
  await expectKept(recordFile, () => true);
});

const voteStore: OpenKeeper = async ({ folder: place, openFile }) => {
  const options = { path: join(place, "votes"), crypto: nodeCrypto, logger: silentLogger };
  const store = await VoteStore.open({ ...options, openFile });
  let height = 0;
  return {
    async next() {
      const record = random.bytes(120);
      await store.append([{ height: ++height, record }]);
      return toHex(record);
    },
    async known() {
      const again = await VoteStore.open(options);
      await again.close();
      return new Set(again.records.map(toHex));
    },
  };
};

test(`a validator's vote store keeps the votes it let go through a power cut (seed ${faultSeed})`, async () => {
  await expectKept(voteStore, () => true);
});

const telemetryLog: OpenKeeper = async ({ folder: place, openFile }) => {
  const options = sampleOptions(join(place, "log"), { segmentMax_bytes: 2000 });
  const items = new SampleItems(faultSeed);
  const log = await TelemetryLog.open({
    ...options,
    openFile: (path) => AppendFile.open(path, openFile),
  });
  const commitmentOf = (entry: object): string =>
    "commitment" in entry ? toHex(entry.commitment as Uint8Array) : "";
  return {
    async next() {
      const item = items.next();
      await log.append([item]);
      return commitmentOf(item.entry);
    },
    async known() {
      const again = await TelemetryLog.open(options);
      const entries = await again.read({ from: 0, limit: again.size });
      await again.close();
      expect(await fsckLog(options.folder)).toMatchObject({ ok: true });
      return new Set(entries.map(({ entry }) => commitmentOf(entry)));
    },
  };
};

test(`a unit's log keeps the entries it acknowledged through a power cut (seed ${faultSeed})`, async () => {
  await expectKept(telemetryLog, (path) => path.includes("/journal/"));
});

const signer = testSigner();

/** Offers one more cut and gives what may be sent of it. */
async function sendOne(outbox: Outbox, number: number): Promise<string> {
  outbox.writer.offer(testCut(3 * number + 1, 3 * number + 3));
  await outbox.writer.settle();
  const stored = await outbox.queues.telemetry.next();
  if (stored === undefined) throw new Error("nothing to send");
  return toHex(readFrame(stored.frame).commitment);
}

/** Frames that were sent and that no unit has acknowledged. */
const outboxFrames: OpenKeeper = async ({ folder: place, openFile }) => {
  const options = testOutboxOptions(place, { signer, segmentMax_bytes: 1500 });
  const outbox = await openOutbox({ ...options, openFile });
  let number = 0;
  return {
    next: () => sendOne(outbox, number++),
    async known() {
      const again = await openOutbox(options);
      const known = new Set<string>();
      const { telemetry } = again.queues;
      for (let one = await telemetry.next(); one !== undefined; one = await telemetry.next()) {
        known.add(toHex(readFrame(one.frame).commitment));
      }
      await again.close();
      return known;
    },
  };
};

test(`a vehicle's outbox keeps the frames it let go through a power cut (seed ${faultSeed})`, async () => {
  await expectKept(outboxFrames, (path) => path.includes("/outbox/"));
});

/** Frames that were sent, acknowledged and deleted: the journal alone knows them. */
const journalFrames: OpenKeeper = async ({ folder: place, openFile }) => {
  const options = testOutboxOptions(place, { signer, segmentMax_bytes: 1 });
  const outbox = await openOutbox({ ...options, openFile });
  let number = 0;
  return {
    async next() {
      const sent = await sendOne(outbox, number++);
      outbox.queues.telemetry.acknowledge(number);
      return sent;
    },
    async known() {
      const known = new Set<string>();
      const journal = await openEdgeJournal(place);
      for await (const { commitment } of journal.frames()) known.add(commitment);
      return known;
    },
  };
};

test(`a vehicle's journal keeps every frame it cut through a power cut (seed ${faultSeed})`, async () => {
  await expectKept(journalFrames, (path) => path.endsWith("/journal"));
});

/** Samples that found no room: what was lost must be declared later, also after a power cut. */
async function openGapAfterCut(forgets: (path: string) => boolean): Promise<boolean> {
  const disk = new ForgetfulDisk({ forgets });
  const place = mkdtempSync(join(folder, "gap-"));
  const options = testOutboxOptions(place, { signer, roomMax: { telemetry: 6, urgent: 1 } });
  const outbox = await openOutbox({ ...options, openFile: disk.open });
  for (let number = 0; number < 5; number++) {
    outbox.writer.offer(testCut(3 * number + 1, 3 * number + 3));
    await outbox.writer.settle();
  }
  expect(outbox.writer.gapOpen("telemetry")).toBe(true);
  disk.cutPower();
  const again = await openOutbox(options);
  const isOpen = again.writer.gapOpen("telemetry");
  await again.close();
  return isOpen;
}

test("a loss that a vehicle has noted is still to be declared after a power cut", async () => {
  expect(await openGapAfterCut(() => false)).toBe(true);
  expect(await openGapAfterCut((path) => path.endsWith("/journal"))).toBe(false);
});
