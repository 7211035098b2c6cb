import { join } from "node:path";
import { openLogReader } from "@voltfog/ledger/node";
import { leavesEntry, type RefusalCode, refusalCode, refusalCodes } from "@voltfog/messages";
import { type Random, SeededRandom } from "@voltfog/runtime";
import { createSigningKey } from "@voltfog/runtime/node";
import type { MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, voltfog } from "../system/running-site.ts";
import {
  type Attack,
  attacksWithKey,
  attacksWithoutKey,
  type Means,
  type Message,
} from "./attacks.ts";
import { connectClient } from "./connect-client.ts";
import { Forger, telemetry } from "./forger.ts";
import type { Memory } from "./real-process.ts";
import { startUnitSite, type UnitSite } from "./unit-site.ts";
import { commitmentOf, readRefusal, VehicleLine } from "./vehicle-line.ts";

/** Of each attack; a multiple of `rounds`. */
const count = 1000;
/** Memory is compared between rounds that did the same. */
const rounds = 4;
const hugePublish_bytes = 10 * 1024 * 1024;
const hugePublishes = 5;

/** An attack under way with a vehicle of its own, and what became of its messages. */
interface Running {
  readonly attack: Attack;
  readonly line: VehicleLine;
  readonly means: Means;
}

let site: UnitSite;
let operator: MqttClient;
let honest: { readonly line: VehicleLine; readonly forger: Forger };
/** Enrolled, and connected for a moment only. */
let spare: Forger;
let withoutKey: readonly Running[];
let withKey: readonly Running[];
let afterStart: Memory;
/** What the unit holds in memory after each round of one kind of attack. */
const memory = new Map<string, Memory[]>();
const deadLetters = new Map<RefusalCode, number>();
const said = new Map<RefusalCode, number>();
const taken = new Map<string, number>();
const faults: string[] = [];
let honestFrames = 0;

beforeAll(async () => {
  const attacks = [...attacksWithoutKey, ...attacksWithKey];
  site = await startUnitSite(attacks.length + 2);
  operator = await connectClient(site, "operator");
  operator.on("message", (_topic, payload) => add(deadLetters, readRefusal(payload).code, 1));
  await operator.subscribeAsync(`voltfog/v1/units/${site.unitId}/dead-letter`);
  const forgers = site.vehicles.map((id) => new Forger({ id, signer: site.signerOf(id) }));
  const [good, other, ...bad] = forgers as [Forger, Forger, ...Forger[]];
  spare = other;
  honest = { line: await VehicleLine.open(site, good.id), forger: good };
  const stranger = createSigningKey(join(site.dataDir, "stranger.key"));
  const random: Random = new SeededRandom(20);
  const running = await Promise.all(
    attacks.map(async (attack, i) => {
      const forger = bad[i] as Forger;
      const line = await VehicleLine.open(site, forger.id);
      return { attack, line, means: { forger, other, stranger, random } };
    }),
  );
  withoutKey = running.slice(0, attacksWithoutKey.length);
  withKey = running.slice(attacksWithoutKey.length);
  for (const each of running) await prepare(each);
  await honestFrame();
  afterStart = await site.memory();
});

afterAll(async () => {
  await site?.stop();
  site?.remove();
});

test("rubbish without the vehicle's key is refused with its code, while an honest vehicle is served", async () => {
  await attackInRounds("without a key", withoutKey);
  expect(faults).toEqual([]);
});

test("rubbish that the vehicle itself signed is refused with its code, and old readings are taken", async () => {
  await attackInRounds("with a key", withKey);
  expect(faults).toEqual([]);
});

test("a message of 10 MB ends its connection when it is announced, not when it is gathered", async () => {
  const before = await site.memory();
  for (let i = 0; i < hugePublishes; i++) {
    const line = await VehicleLine.open(site, spare.id);
    const bytes = new Uint8Array(hugePublish_bytes);
    await expect(line.publish({ topic: spare.topic, bytes })).rejects.toThrow("disconnected");
    await line.closed;
    await honestFrame();
  }
  expect(await counted("voltfog_rsu_dropped_total", "PACKET_TOO_LARGE")).toBe(hugePublishes);
  const after = await site.memory();
  expect(after.rss_bytes - before.rss_bytes).toBeLessThan(2 * hugePublish_bytes);
});

test("every refusal was counted, told to the operators, and has a code: at least eight of them", async () => {
  expect(said.size).toBeGreaterThanOrEqual(8);
  const total = [...said.values()].reduce((sum, n) => sum + n, 0);
  await eventually("all dead letters", () =>
    [...deadLetters.values()].reduce((sum, n) => sum + n, 0) >= total ? true : undefined,
  );
  expect(Object.fromEntries(deadLetters)).toEqual(Object.fromEntries(said));
  // Nobody could be told of the huge ones: their connection was gone.
  add(said, "FRAME_TOO_LARGE", hugePublishes);
  for (const code of refusalCodes) {
    expect(await counted("voltfog_rsu_refusals_total", code), code).toBe(said.get(code) ?? 0);
  }
  const status = (await (await site.get("/v1/status")).json()) as { refusals: object };
  expect(status.refusals).toEqual(Object.fromEntries(said));
});

test("memory stays flat: what rubbish leaves behind is bounded, however much of it comes", async () => {
  const growth_bytes = (kind: string): number => {
    const [, second, , last] = memory.get(kind) ?? [];
    if (second === undefined || last === undefined) throw new Error(`${kind} was not measured`);
    return last.used_bytes - second.used_bytes;
  };
  const messages = (running: readonly Running[]): number => (running.length * count) / 2;
  // A frame has over 300 bytes: if they were kept, or only half of them, it would show.
  expect(growth_bytes("without a key") / messages(withoutKey)).toBeLessThan(150);
  // Entries can be found by number, and of the last 4,096 refusals some 800 bytes each are known.
  expect(growth_bytes("with a key") / messages(withKey)).toBeLessThan(800);
  const { rss_bytes } = await site.memory();
  expect(rss_bytes - afterStart.rss_bytes).toBeLessThan(150 * 1024 * 1024);
});

test("the unit serves on: the honest vehicle's frames are all acknowledged and become final", async () => {
  await honestFrame();
  await eventually("the whole log to be final", async () => {
    const response = await site.get("/v1/status");
    const { log } = (await response.json()) as { log: { size: number; finalSize: number } };
    return log.finalSize === log.size ? true : undefined;
  });
  expect(honest.line.refused).toBe(0);
});

test("the log is sound and holds an entry for each refusal with a good signature and for no other", async () => {
  expect(await site.stop()).toEqual([0, 0]);
  const folder = join(site.dataDir, site.unitId, "log");
  const fsck = await voltfog("log", "fsck", folder, "--json");
  expect(fsck.code, fsck.stdout + fsck.stderr).toBe(0);
  const log = await openLogReader(folder);
  const frames = new Map<string, number>();
  const refused = new Map<RefusalCode, number>();
  for (let from = 0; from < log.size; ) {
    const entries = await log.read({ from, limit: 1000 });
    from += entries.length;
    for (const { entry, vehicleId = "" } of entries) {
      if (entry.kind === "refused") add(refused, refusalCode(entry.code) as RefusalCode, 1);
      if (entry.kind === "frame") add(frames, vehicleId, 1);
    }
  }
  const logged = [...said].filter(([code]) => leavesEntry(code));
  expect(logged.length).toBeGreaterThanOrEqual(6);
  expect(Object.fromEntries(refused)).toEqual(Object.fromEntries(logged));
  expect(Object.fromEntries(frames)).toEqual({
    ...Object.fromEntries(taken),
    [honest.forger.id]: honestFrames,
  });
});

async function prepare({ attack, line, means }: Running): Promise<void> {
  const message = attack.prepare?.(means);
  if (message === undefined) return;
  await line.publish(message);
  add(taken, line.vehicle, 1);
}

/** All attacks of one kind, again and again, with an honest frame between any two. */
async function attackInRounds(kind: string, running: readonly Running[]): Promise<void> {
  const after: Memory[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const each of running) {
      await attackOnce(each, round);
      await honestFrame();
    }
    after.push(await site.memory());
  }
  memory.set(kind, after);
}

async function attackOnce({ attack, line, means }: Running, round: number): Promise<void> {
  const each = count / rounds;
  const before = { refused: line.refused, receipted: line.receipted };
  const sent = await line.publishAll(each, (i) => attack.message(means, round * each + i));
  const refused = sent.filter(({ expected }) => expected.kind === "refused");
  await line.hasHeard({ refusals: before.refused + refused.length });
  for (const message of refused) checkRefusal({ attack, line, message });
  if (refused.length === 0) expect(line.refused, attack.name).toBe(before.refused);
  const [first] = sent;
  if (first?.expected.kind === "taken") add(taken, line.vehicle, sent.length);
  if (first?.expected.kind !== "repeated") return;
  await line.hasHeard({ receipts: before.receipted + each });
}

/** Takes one refusal of exactly these bytes off the books. */
function checkRefusal(options: { attack: Attack; line: VehicleLine; message: Message }): void {
  const { attack, line, message } = options;
  const commitment = commitmentOf(message.bytes);
  const [code, ...others] = line.refusals.get(commitment) ?? [];
  line.refusals.set(commitment, others);
  if (others.length === 0) line.refusals.delete(commitment);
  if (code !== undefined) add(said, code, 1);
  const codes = message.expected.kind === "refused" ? message.expected.codes : [];
  if (code === undefined || !codes.includes(code)) {
    faults.push(`${attack.name}: ${code}, expected ${codes.join(" or ")}`);
  }
}

async function honestFrame(): Promise<void> {
  const { line, forger } = honest;
  const receipted = line.receipted;
  await line.publish({ topic: forger.topic, bytes: forger.cut(telemetry()) });
  honestFrames++;
  await line.hasHeard({ receipts: receipted + 1 });
}

/** One value of a counter with one label, 0 where it was never counted. */
async function counted(name: string, label: string): Promise<number> {
  const text = await (await site.get("/metrics")).text();
  const line = text
    .split("\n")
    .find((each) => each.startsWith(`${name}{`) && each.includes(`"${label}"`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

function add<K>(counts: Map<K, number>, key: K, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
