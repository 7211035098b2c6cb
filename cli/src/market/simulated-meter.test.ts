import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meterHash, readMeter } from "@voltfog/market";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SimulatedMeter } from "./simulated-meter.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-meter-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): SimulatedMeter =>
  new SimulatedMeter({ folder, pileId: "pile-1", secretKey: nodeCrypto.sha256(Uint8Array.of(3)) });

it("a simulated meter never counts back, through restarts too", () => {
  open().count(1500);
  const again = open();
  again.count(500);
  expect([again.register_Wh, open().register_Wh]).toEqual([2000, 2000]);
});

it("its signed session reads as one transaction whose hash is the chain's", () => {
  const sessionId = "ab".repeat(16);
  const begin = { time_ms: 1_700_000_000_000, register_Wh: 1000 };
  const end = { time_ms: 1_700_000_030_000, register_Wh: 2400 };
  const { hash, signed } = open().sign({ sessionId, begin, end });
  expect(hash).toEqual(meterHash(signed, nodeCrypto));
  const read = readMeter(signed);
  expect(read.ok && [read.value.energy_Wh, read.value.identification]).toEqual([1400, sessionId]);
});

it("a session's begin is known after a restart, and no other session's", () => {
  const begin = { time_ms: 1_700_000_000_000, register_Wh: 1000 };
  open().begin("ab", begin);
  expect([open().begunBy("ab"), open().begunBy("cd")]).toEqual([begin, undefined]);
});
