import { afterAll, beforeAll, expect, test } from "vitest";
import { repeatedInStore } from "../../cli/src/report/repeated-frames.ts";
import { tlsFilesOf } from "../../cli/src/site/site-certificates.ts";
import { openStoreReader } from "../../cloud/src/index.ts";
import { backbonePrefix, backboneSubject } from "../../packages/messages/src/index.ts";
import { SeededRandom } from "../../packages/runtime/src/index.ts";
import { CertificateAuthority } from "../../packages/runtime/src/node/certificates/index.ts";
import {
  loadTlsIdentity,
  systemClock,
  type TlsIdentity,
} from "../../packages/runtime/src/node/index.ts";
import { NatsBackbone } from "../../packages/runtime/src/node/nats/index.ts";
import { eventually } from "../system/running-site.ts";
import { faultSeed } from "./fault-seed.ts";
import { HandRunSite } from "./hand-run-site.ts";
import { NatsServer } from "./nats-server.ts";

/** A unit and a cloud that know each other only through a broker, which is killed again and again. */
const rounds = 10;
const pauseMax_ms = 1500;
const vehicles = 3;
const orderly = { code: 0, signal: null };
const random = new SeededRandom(faultSeed);
let site: HandRunSite;
let nats: NatsServer;

beforeAll(async () => {
  site = await HandRunSite.make({ units: 1, vehicles });
  nats = await NatsServer.make(site.paths);
  site.configure("unit-1", { natsUrl: nats.url });
  // Nobody listens there: what reaches the cloud has come through the broker.
  site.configure("cloud", { natsUrl: nats.url, units: ["unit-1@https://127.0.0.1:1"] });
});
afterAll(async () => {
  await nats?.kill();
  await site?.remove();
});

interface UnitStatus {
  readonly log: { readonly size: number };
}

interface UnitRow {
  readonly cursor: number;
}

async function logSize(): Promise<number> {
  const status = await eventually("the unit to answer", () =>
    site.ask<UnitStatus>("unit-1", "/v1/status"),
  );
  return status.log.size;
}

async function stored(): Promise<number> {
  const units = await eventually("the cloud to answer", () =>
    site.ask<readonly UnitRow[]>("cloud", "/v1/units"),
  );
  return units[0]?.cursor ?? 0;
}

function pause(): Promise<void> {
  const pause_ms = random.uniform() * pauseMax_ms;
  return new Promise((resolve) => systemClock.after(pause_ms, resolve));
}

test(`all that a unit logged is stored once, however often the broker is killed (seed ${faultSeed})`, async () => {
  await nats.start();
  await site.startReady("unit-1");
  site.start("cloud");
  await site.startReady("fleet");
  await eventually("the first entries", async () => (await stored()) > 0 || undefined);
  for (let round = 0; round < rounds; round++) {
    await pause();
    await nats.kill();
    const held = await logSize();
    await eventually(
      "more entries while the broker is down",
      async () => (await logSize()) > held || undefined,
    );
    await nats.start();
    await eventually(
      `round ${round + 1} to reach the store`,
      async () => (await stored()) > held || undefined,
    );
  }
  expect(await site.end("fleet", "SIGTERM")).toEqual(orderly);
  const size = await logSize();
  await eventually("the rest", async () => (await stored()) === size || undefined);
  expect(await site.end("cloud", "SIGTERM")).toEqual(orderly);
  expect(await site.end("unit-1", "SIGTERM")).toEqual(orderly);

  const count = await site.count();
  expect(count.samplesDurable).toBe(count.samplesSent);
  expect(count.samplesSent).toBeGreaterThan(rounds * vehicles);
  const reader = await openStoreReader(site.folderOf("cloud"));
  expect(await reader.samplesStored()).toBe(count.samplesDurable);
  await reader.close();
  const store = await repeatedInStore(site.folderOf("cloud"));
  expect(store.looked).toBeGreaterThan(rounds);
  expect(store.repeated).toEqual([]);
});

test("the broker takes holders of the site's certificates only, and only it is taken for the broker", async () => {
  await nats.kill();
  await nats.start();
  const own = loadTlsIdentity(tlsFilesOf(site.paths, "unit-1"));
  const now_ms = systemClock.wall_ms();
  const elsewhere = await CertificateAuthority.create({ name: "elsewhere", now_ms });
  const foreign = await elsewhere.newIdentity({ id: "unit-1", role: "unit" }, { now_ms });
  const ask = async (identity: TlsIdentity, serverId: string): Promise<unknown> => {
    const options = { url: nats.url, name: "test", prefix: backbonePrefix };
    const backbone = new NatsBackbone({ ...options, identity, serverId });
    try {
      return await backbone.newest(backboneSubject({ kind: "entries", unitId: "none", log: 1 }));
    } finally {
      await backbone.close();
    }
  };
  expect(await ask(own, "nats")).toBeUndefined();
  for (const identity of [
    { ...foreign, authority: own.authority },
    { ...own, certificate: foreign.certificate, key: foreign.key },
  ]) {
    await expect(ask(identity, "nats")).rejects.toMatchObject({ code: "UNREACHABLE" });
  }
  await expect(ask(own, "unit-1")).rejects.toMatchObject({ code: "UNREACHABLE" });
});
