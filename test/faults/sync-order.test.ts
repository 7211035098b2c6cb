import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { VoteStore } from "../../packages/consensus/src/node/index.ts";
import { slotOf } from "../../packages/consensus/src/voting/message.ts";
import {
  decodeVoteRecord,
  type VoteRecord,
} from "../../packages/consensus/src/voting/vote-record.ts";
import { decodePeerMessage } from "../../packages/consensus/src/wire/peer-message.ts";
import { equalBytes, silentLogger } from "../../packages/runtime/src/index.ts";
import { nodeCrypto } from "../../packages/runtime/src/node/index.ts";
import { eventually } from "../system/running-site.ts";
import { ByteStream, linkFrame, type MqttPacket, mqttPacket } from "./byte-streams.ts";
import { HandRunSite } from "./hand-run-site.ts";
import { straceOf } from "./strace.ts";
import { SyncedFiles } from "./synced-files.ts";
import { type SystemCall, systemCalls } from "./system-calls.ts";
import { KeyLog, TlsConnection } from "./tls-records.ts";

/** What a process told others, and how much of that a power cut at that moment would have taken. */
interface Told {
  readonly told: number;
  readonly unsynced: number;
}

/** A process that was watched: its calls, and what opens what it said over TLS. */
interface Watched {
  readonly calls: readonly SystemCall[];
  readonly keyLog: KeyLog;
}

let site: HandRunSite;
afterEach(() => site?.remove());

test("a unit acknowledges a frame when it is synced in the log's journal, not before", async () => {
  site = await HandRunSite.make({ units: 1, vehicles: 3 });
  const watch = await startWatched("unit-1", () => site.ready("unit-1"));
  await site.startReady("fleet");
  await loggedUpTo(30);
  const watched = await watch.finish();
  const { mqtt = 0 } = site.process("unit-1").ports;
  const { told, unsynced } = acknowledgements(watched, mqtt);
  expect(told).toBeGreaterThanOrEqual(25);
  expect(unsynced).toBe(0);
  expect(acknowledgements(withoutSyncs(watched, "/journal/"), mqtt)).toEqual({
    told,
    unsynced: told,
  });
});

test("an agent sends a frame when it is synced in its outbox, not before", async () => {
  site = await HandRunSite.make({ units: 1, vehicles: 3 });
  const watch = await startWatched("fleet", () => answering("fleet"));
  await site.startReady("unit-1");
  await loggedUpTo(45);
  const watched = await watch.finish();
  const { mqtt = 0 } = site.process("unit-1").ports;
  const { told, unsynced } = sendings(watched, mqtt);
  // Frames that were cut before strace was there are written where it could not see it.
  expect(told).toBeGreaterThanOrEqual(25);
  expect(unsynced).toBe(0);
  expect(sendings(withoutSyncs(watched, "/outbox/"), mqtt).unsynced).toBeGreaterThanOrEqual(25);
});

test("a validator sends a vote when it is synced in its vote store, not before", async () => {
  site = await HandRunSite.make({ units: 4, vehicles: 1 });
  const watch = await startWatched("validator-1", () => answering("validator-1"));
  const others = ["validator-2", "validator-3", "validator-4"];
  await site.startReady("unit-1", ...others, "fleet");
  await eventually("six blocks", async () => {
    const status = await site.ask<{ height: number }>("validator-1", "/v1/status");
    return (status?.height ?? 0) >= 6 || undefined;
  });
  const watched = await watch.finish();
  const ports = ["validator-1", ...others].map((id) => site.process(id).ports.p2p ?? 0);
  const { told, unsynced } = await votes(watched, ports);
  expect(told).toBeGreaterThanOrEqual(30);
  expect(unsynced).toBe(0);
  expect(await votes(withoutSyncs(watched, "/votes/"), ports)).toEqual({ told, unsynced: told });
});

/** PUBACKs for frames, and those whose frame was not in the journal's synced part. */
function acknowledgements({ calls, keyLog }: Watched, mqttPort: number): Told {
  const files = new SyncedFiles();
  const streams = new Streams<MqttPacket>(keyLog, () => new ByteStream(mqttPacket));
  const frames = new Map<string, Buffer>();
  const acknowledged = (packet: MqttPacket): Buffer | undefined => {
    if (packet.type === "other") return undefined;
    const key = `${streams.lastPeer} ${packet.id}`;
    const frame = frames.get(key);
    frames.delete(key);
    if (packet.type === "puback") return frame;
    if (isFrame(packet.topic)) frames.set(key, packet.payload);
    return undefined;
  };
  let told = 0;
  let unsynced = 0;
  for (const call of calls) {
    files.take(call);
    const packets = streams.take(call, ({ localPort }) => localPort === mqttPort);
    for (const frame of packets.map(acknowledged)) {
      if (frame === undefined) continue;
      told++;
      if (!files.synced("/journal/").includes(frame)) unsynced++;
    }
  }
  return { told, unsynced };
}

/** Frames that an agent published, and those that were written and not in the synced part of an outbox. */
function sendings({ calls, keyLog }: Watched, mqttPort: number): Told {
  const files = new SyncedFiles();
  const streams = new Streams<MqttPacket>(keyLog, () => new ByteStream(mqttPacket));
  const written = Buffer.concat(
    calls.flatMap((call) =>
      call.type === "written" && call.path.includes("/outbox/") ? [call.bytes] : [],
    ),
  );
  let told = 0;
  let unsynced = 0;
  for (const call of calls) {
    files.take(call);
    for (const packet of streams.take(call, (ports) => ports.peerPort === mqttPort)) {
      if (packet.type !== "publish" || !isFrame(packet.topic)) continue;
      if (!written.includes(packet.payload)) continue;
      told++;
      if (!files.synced("/outbox/").includes(packet.payload)) unsynced++;
    }
  }
  return { told, unsynced };
}

/** Own votes on the links to the others, and those of which the synced part of the store knew nothing. */
async function votes({ calls, keyLog }: Watched, ports: readonly number[]): Promise<Told> {
  const files = new SyncedFiles();
  const streams = new Streams<Buffer>(keyLog, () => new ByteStream(linkFrame));
  const isLink = ({ localPort, peerPort }: { localPort: number; peerPort: number }): boolean =>
    ports.includes(localPort) || ports.includes(peerPort);
  let told = 0;
  let unsynced = 0;
  for (const call of calls) {
    files.take(call);
    const frames = streams.take(call, isLink);
    if (call.type !== "sent") continue;
    for (const frame of frames) {
      const message = decodePeerMessage(frame);
      if (!message.ok || message.value.type !== "vote") continue;
      const vote = message.value.message;
      const { height, round, voter } = slotOf(vote);
      if (voter !== 0) continue;
      told++;
      const known = (await recordsIn(files.synced("/votes/"))).some((record) => {
        const samePlace = record.height === height && record.round === round;
        if (record.type !== vote.type || !samePlace) return false;
        if (record.type === "round-change" || vote.type === "round-change") return true;
        return equalBytes(record.digest, vote.digest);
      });
      if (!known) unsynced++;
    }
  }
  return { told, unsynced };
}

/** What a validator would find of its votes if it started on these bytes. */
async function recordsIn(bytes: Buffer): Promise<readonly VoteRecord[]> {
  const folder = mkdtempSync(join(tmpdir(), "voltfog-votes-"));
  try {
    const path = join(folder, "votes");
    writeFileSync(path, bytes);
    const store = await VoteStore.open({ path, crypto: nodeCrypto, logger: silentLogger });
    await store.close();
    return store.records.map((record) => {
      const decoded = decodeVoteRecord(record);
      if (!decoded.ok) throw new Error(decoded.problem.detail);
      return decoded.value;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Both directions of every connection, each cut into its messages. */
class Streams<T> {
  /** Port of the other end of the last call that was taken. */
  lastPeer = 0;
  readonly #keyLog: KeyLog;
  readonly #make: () => ByteStream<T>;
  readonly #connections = new Map<string, TlsConnection>();
  readonly #streams = new Map<string, ByteStream<T>>();

  constructor(keyLog: KeyLog, make: () => ByteStream<T>) {
    this.#keyLog = keyLog;
    this.#make = make;
  }

  take(
    call: SystemCall,
    isMeant: (socket: { localPort: number; peerPort: number }) => boolean,
  ): readonly T[] {
    if ((call.type !== "sent" && call.type !== "received") || !isMeant(call.socket)) return [];
    const { localPort, peerPort } = call.socket;
    const connection = `${localPort} ${peerPort}`;
    const tls = this.#connections.get(connection) ?? new TlsConnection(this.#keyLog);
    this.#connections.set(connection, tls);
    const key = `${call.type} ${connection}`;
    const stream = this.#streams.get(key) ?? this.#make();
    this.#streams.set(key, stream);
    this.lastPeer = peerPort;
    return stream.take(tls.take(call.type, call.bytes));
  }
}

function isFrame(topic: string): boolean {
  return topic.endsWith("/telemetry") || topic.endsWith("/urgent");
}

/** The same run by a process that never syncs these files: what the check must find wanting. */
function withoutSyncs({ calls, keyLog }: Watched, inPath: string): Watched {
  const isSync = ({ type }: SystemCall): boolean => type === "sync-begun" || type === "synced";
  const isMeant = (call: SystemCall): boolean => "path" in call && call.path.includes(inPath);
  return { calls: calls.filter((call) => !(isSync(call) && isMeant(call))), keyLog };
}

/** Starts a process that logs its TLS secrets, and watches it from when it is up. */
async function startWatched(
  id: string,
  up: () => Promise<unknown>,
): Promise<{ finish(): Promise<Watched> }> {
  const keys = join(site.paths.root, "tls-secrets");
  const pid = site.start(id, { NODE_OPTIONS: `--tls-keylog=${keys}` });
  await up();
  const strace = await straceOf(pid);
  return {
    async finish() {
      const calls = systemCalls(await strace.finish());
      return { calls, keyLog: new KeyLog(readFileSync(keys, "utf8")) };
    },
  };
}

async function answering(id: string): Promise<void> {
  await eventually(`${id} to answer`, () => site.ask(id, "/v1/status"));
}

async function loggedUpTo(frames: number): Promise<void> {
  await eventually(`${frames} frames in the log`, async () => {
    const status = await site.ask<{ log: { size: number } }>("unit-1", "/v1/status");
    return (status?.log.size ?? 0) >= frames || undefined;
  });
}
