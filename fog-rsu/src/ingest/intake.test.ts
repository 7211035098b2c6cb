import { upTopic } from "@voltfog/messages";
import { toHex, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto, nodeVerifier } from "@voltfog/runtime/node";
import { beforeEach, expect, test } from "vitest";
import { GroupCommit } from "../log/group-commit.ts";
import type { LogItem } from "../log/log-item.ts";
import { type CutFrame, reading, TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import type { EnrolledDevice } from "./device-directory.ts";
import { Intake, type IntakeAnswer } from "./intake.ts";

let vehicle: TestVehicle;
/** What the unit's list says of the vehicle. */
let enrolled: EnrolledDevice;
/** The key that each of its keys took the place of, by key id in hex. */
let replaced: Map<string, Uint8Array>;
let intake: Intake;
/** What the disk holds, in order. */
let disk: LogItem[];
let diskIsFull: boolean;
/** What a verification waits for before it begins. */
let gate: (asked: { message: Uint8Array }) => Promise<void>;

/** An intake over a disk in memory; another one over the same disk is the unit after a restart. */
function newIntake(): Intake {
  const groups = new GroupCommit<LogItem>({
    groupMax: 16,
    backlogMax: 1000,
    commit: async (group) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (diskIsFull) throw new Error("no space");
      disk.push(...group);
      return { firstIndex: disk.length - group.length, checkpoint: `of ${disk.length}` };
    },
    committed: () => {},
    failed: () => fresh.forgetUnwritten(),
  });
  const fresh: Intake = new Intake({
    deviceOf: (id) => (id === vehicle.id ? enrolled : undefined),
    crypto: nodeCrypto,
    verifier: { verify: (asked) => gate(asked).then(() => nodeVerifier.verify(asked)) },
    now_ms: () => 1_700_000_001_000,
    clockSkewMax_ms: 300_000,
    implausible: ({ packVoltage_V }) => (packVoltage_V > 100 ? "too many volts" : undefined),
    keyBefore: (keyId) => replaced.get(toHex(keyId)),
    tailInLog: ({ stream, keyId }) => {
      const last = disk.findLast(
        ({ entry }) =>
          entry.stream === stream && toHex(entry.keyId) === toHex(keyId) && !isStray(entry),
      );
      return last && { sequence: last.entry.sequence, commitment: last.entry.commitment };
    },
    findInLog: ({ stream, keyId }, sequence) => {
      const index = disk.findIndex(
        ({ entry }) =>
          entry.stream === stream &&
          toHex(entry.keyId) === toHex(keyId) &&
          entry.sequence === sequence,
      );
      const item = disk[index];
      if (item === undefined) return undefined;
      const { commitment } = item.authentic;
      const placed = Promise.resolve({ index, checkpoint: "of all" });
      return Promise.resolve({ commitment, placed, refusal: item.refusal });
    },
    keep: (item) => groups.offer(item),
  });
  return fresh;
}

const isStray = (entry: LogItem["entry"]): boolean => entry.kind === "refused" && entry.unlinked;

beforeEach(() => {
  vehicle = new TestVehicle("vehicle-01");
  enrolled = vehicle.device;
  replaced = new Map();
  disk = [];
  diskIsFull = false;
  gate = () => Promise.resolve();
  intake = newIntake();
});

function take({ bytes }: CutFrame): Promise<IntakeAnswer> {
  const topic = upTopic("vehicle-01" as VehicleId, "telemetry");
  return intake.take({ sender: "vehicle-01", topic, bytes });
}

/** What the log holds: kind, sequence, and a mark where the entry is unlinked. */
const logged = (): readonly string[] =>
  disk.map(({ entry }) => `${entry.kind} ${entry.sequence}${entry.unlinked ? " unlinked" : ""}`);

test("frames that come at once are each judged against the one before, and stay in order", async () => {
  const frames = [vehicle.cut(), vehicle.cut(), vehicle.cut(), vehicle.cut()];
  await Promise.all(frames.map(take));
  expect(logged()).toEqual(["frame 1", "frame 2", "frame 3", "frame 4"]);
});

test("a frame that comes twice at once is one entry, and both get its place", async () => {
  const frame = vehicle.cut();
  const answers = await Promise.all([take(frame), take(vehicle.cut()), take(frame)]);
  expect(answers).toMatchObject([
    { repeated: false, placed: { index: 0 } },
    { repeated: false, placed: { index: 1 } },
    { repeated: true, placed: { index: 0 } },
  ]);
  expect(logged()).toEqual(["frame 1", "frame 2"]);
});

test("a vehicle that is revoked while its signature is looked at leaves no entry", async () => {
  const taking = take(vehicle.cut());
  enrolled = { ...vehicle.device, revoked: true };
  expect(await taking).toMatchObject({ kind: "refused", refusal: { code: "KEY_REVOKED" } });
  expect(logged()).toEqual([]);
});

test("after a restart a frame of before is found on the disk", async () => {
  const old = vehicle.cut();
  await take(old);
  await take(vehicle.cut());
  intake = newIntake();
  const answers = await Promise.all([take(old), take(vehicle.cut()), take(old)]);
  expect(answers).toMatchObject([{ repeated: true }, { repeated: false }, { repeated: true }]);
  expect(logged()).toEqual(["frame 1", "frame 2", "frame 3"]);
});

test("another frame in a taken place is refused once, however often it is sent, and the stream goes on", async () => {
  const frames = [vehicle.cut(), vehicle.cut()];
  const forked = new TestVehicle(vehicle.id, vehicle.signer).cut(
    telemetry([reading({ soc: 0.1 })]),
  );
  await Promise.all(frames.map(take));
  const answers = await Promise.all([take(forked), take(forked)]);
  answers.push(await take(forked), await take(vehicle.cut()));
  expect(answers).toMatchObject([
    { refusal: { code: "SEQUENCE_FORKED" }, repeated: false },
    { refusal: { code: "SEQUENCE_FORKED" }, repeated: true },
    { refusal: { code: "SEQUENCE_FORKED" }, repeated: true },
    { refusal: undefined },
  ]);
  expect(logged()).toEqual(["frame 1", "frame 2", "refused 1 unlinked", "frame 3"]);
});

test("a vehicle that comes from another unit is unlinked once; its older frames are stale", async () => {
  const elsewhere = [vehicle.cut(), vehicle.cut(), vehicle.cut()];
  await take(vehicle.cut());
  await take(vehicle.cut());
  const answer = await take(elsewhere[1] ?? expect.fail());
  expect(answer).toMatchObject({ refusal: { code: "SEQUENCE_STALE" } });
  expect(logged()).toEqual(["frame 4 unlinked", "frame 5", "refused 2 unlinked"]);
});

test("a refused frame keeps its place: the next one is linked to it, a resend is told the same", async () => {
  const refused = vehicle.cut(telemetry([reading({ packVoltage_V: 400 })]));
  const answers = [await take(refused), await take(vehicle.cut()), await take(refused)];
  expect(answers).toMatchObject([
    { refusal: { code: "RANGE_IMPLAUSIBLE" }, repeated: false },
    { refusal: undefined },
    { refusal: { code: "RANGE_IMPLAUSIBLE" }, repeated: true },
  ]);
  expect(logged()).toEqual(["refused 1", "frame 2"]);
});

test("what leaves no entry changes no stream", async () => {
  const bytes = vehicle.cut().bytes.map((byte, i) => (i === 60 ? byte ^ 1 : byte));
  const answer = await intake.take({ sender: "vehicle-01", topic: "a/b", bytes });
  expect(answer).toMatchObject({ kind: "refused", refusal: { code: "TOPIC_MISMATCH" } });
  expect(logged()).toEqual([]);
});

test("when the disk refuses, frames behind the lost one are not taken either, and a resend is linked", async () => {
  const frames = [vehicle.cut(), vehicle.cut(), vehicle.cut()];
  await take(frames[0] ?? expect.fail());
  diskIsFull = true;
  const lost = await Promise.allSettled(frames.slice(1).map(take));
  expect(lost.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  diskIsFull = false;
  await Promise.all(frames.slice(1).map(take));
  expect(logged()).toEqual(["frame 1", "frame 2", "frame 3"]);
  expect(disk.map(({ authentic }) => toHex(authentic.commitment))).toEqual(
    frames.map(({ commitment }) => toHex(commitment)),
  );
});

test("a stream goes on here after the frame that another unit vouches for", async () => {
  const elsewhere = [vehicle.cut(), vehicle.cut(), vehicle.cut()];
  const [, , last] = elsewhere;
  const { keyId } = vehicle;
  const { sequence, commitment } = last ?? expect.fail();
  intake.shown({ keyId, stream: "telemetry" }, { sequence, commitment });
  await Promise.all([vehicle.cut(), vehicle.cut()].map(take));
  expect(logged()).toEqual(["frame 4", "frame 5"]);
});

test("of two receipts the later frame counts, in whichever order they are shown", async () => {
  const key = { keyId: vehicle.keyId, stream: "telemetry" } as const;
  await take(vehicle.cut());
  const away = [vehicle.cut(), vehicle.cut()];
  for (const { sequence, commitment } of [...away].reverse()) {
    intake.shown(key, { sequence, commitment });
  }
  await take(vehicle.cut());
  expect(logged()).toEqual(["frame 1", "frame 4"]);
});

test("frames that the other unit took without a receipt are taken here again, and link to the one shown", async () => {
  const [first, second, third] = [vehicle.cut(), vehicle.cut(), vehicle.cut()];
  const { sequence, commitment } = first;
  intake.shown({ keyId: vehicle.keyId, stream: "telemetry" }, { sequence, commitment });
  await Promise.all([second, third].map(take));
  expect(logged()).toEqual(["frame 2", "frame 3"]);
});

test("a failed write forgets no receipt", async () => {
  const { sequence, commitment } = vehicle.cut();
  intake.shown({ keyId: vehicle.keyId, stream: "telemetry" }, { sequence, commitment });
  const next = vehicle.cut();
  diskIsFull = true;
  await expect(take(next)).rejects.toThrow("no space");
  diskIsFull = false;
  await take(next);
  expect(logged()).toEqual(["frame 2"]);
});

/** The vehicle goes on with a new key after its next frame; the unit has read the list that says so. */
function rotate(): { waiting: CutFrame; before: TestVehicle; late: CutFrame } {
  const before = vehicle;
  const waiting = before.cut();
  vehicle = before.withNewKey();
  const last = { telemetry: waiting.sequence, urgent: 0 };
  const { publicKey } = before.signer;
  enrolled = { ...vehicle.device, earlier: [{ publicKey, keyId: before.keyId, last }] };
  replaced.set(toHex(vehicle.keyId), before.keyId);
  return { waiting, before, late: before.cut() };
}

test("after a change of keys what the old one signed before is taken, and the chain goes on linked", async () => {
  await take(vehicle.cut());
  const { waiting, late } = rotate();
  const first = vehicle.cut();
  const answers = [take(waiting), take(first), take(late), take(vehicle.cut())];
  const codes = (await Promise.all(answers)).map(({ refusal }) => refusal?.code);
  expect(codes).toEqual([undefined, undefined, "KEY_REPLACED", undefined]);
  expect(logged()).toEqual(["frame 1", "frame 2", "frame 3", "frame 4"]);
  // A resent one is known by the key that signed it.
  expect(await take(waiting)).toMatchObject({ kind: "taken", repeated: true });
});

test("after a restart the new key's stream still goes on from the old one's", async () => {
  const { waiting } = rotate();
  await take(waiting);
  intake = newIntake();
  await take(vehicle.cut());
  expect(logged()).toEqual(["frame 1", "frame 2"]);
});

test("a new key signs no place of a stream that the old one has filled", async () => {
  const { waiting } = rotate();
  await take(waiting);
  const again = vehicle.cut(undefined, { sequence: 1, previous: new Uint8Array(32) });
  expect(await take(again)).toMatchObject({ refusal: { code: "SEQUENCE_STALE" } });
});

test("an old key is taken for what another one signed no more than any other", async () => {
  const { before } = rotate();
  const forged = before.cut(undefined, { sequence: 1 });
  forged.bytes[forged.bytes.length - 1] = (forged.bytes.at(-1) ?? 0) ^ 1;
  expect(await take(forged)).toMatchObject({ refusal: { code: "SIGNATURE_INVALID" } });
});

test("an alert overtakes the telemetry of its own vehicle that waits, and both chains go on", async () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  gate = () => opened;
  const sent = Array.from({ length: 100 }, () => take(vehicle.cut()));
  const alarm = vehicle.cut(telemetry(), { stream: "urgent" });
  const alert = intake.take({
    sender: "vehicle-01",
    topic: upTopic("vehicle-01" as VehicleId, "urgent"),
    bytes: alarm.bytes,
  });
  expect(intake.waiting).toMatchObject({ alert: 1, telemetry: 1 });
  open();
  await Promise.all([...sent, alert]);
  const place = disk.findIndex(({ entry }) => entry.stream === "urgent");
  // Those whose signature was being looked at come first, and whoever a thread beside it (of four) was done
  // with earlier; the others behind.
  expect(place).toBeLessThan(32 + 4);
  const sequences = disk.filter(({ entry }) => entry.stream === "telemetry");
  expect(sequences.map(({ entry }) => entry.sequence)).toEqual(sent.map((_, i) => i + 1));
  expect(disk.every(({ entry }) => entry.kind === "frame" && !entry.unlinked)).toBe(true);
});
