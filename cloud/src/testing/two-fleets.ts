import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, toHex, utf8 } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { encodeTokenFile, type TokenRole, type TokenRow } from "../access/token-file.ts";
import { type Cloud, runCloud } from "../cloud.ts";
import { cloudConfig } from "../config.ts";
import { createSite, FakeChain } from "./fake-chain.ts";
import { listen } from "./fake-remote.ts";
import { type FakeUnit, ok } from "./fake-unit.ts";
import { processIdentity, writeCloudIdentity } from "./test-certificates.ts";
import { type TestVehicle, telemetry } from "./test-vehicle.ts";

const farAway_ms = 8_000_000_000_000;

/** A token's text; the same for the same name. */
export function tokenOf(name: string): string {
  return `vf_${createHash("sha256").update(name).digest("hex")}`;
}

/** The row of that token. */
export function tokenRow(name: string, role: TokenRole, fleet?: string): TokenRow {
  const hash = createHash("sha256").update(tokenOf(name)).digest("hex");
  return {
    id: name,
    hash,
    role,
    ...(fleet === undefined ? {} : { fleet }),
    expires_ms: farAway_ms,
  };
}

/** A cloud with car-1 of fleet north and car-2 of fleet south, each with frames and an event. */
export interface TwoFleets {
  readonly base: string;
  readonly folder: string;
  readonly unit: FakeUnit;
  readonly cars: readonly [TestVehicle, TestVehicle];
  /** Event ids of car-1 and car-2. */
  readonly events: readonly [string, string];
  close(): Promise<void>;
}

export async function startTwoFleets(options: {
  tokens: readonly TokenRow[];
  settings?: Readonly<Record<string, unknown>>;
  /** Called with the cloud's data folder before it starts. */
  prepare?: (dataDir: string) => Promise<unknown>;
}): Promise<TwoFleets> {
  const folder = mkdtempSync(join(tmpdir(), "two-fleets-"));
  const site = createSite();
  const chain = new FakeChain(site);
  const [unit] = site.units;
  const [one, two] = site.vehicles;
  if (unit === undefined || one === undefined || two === undefined) throw new Error("no site");
  const cars = [one, two] as const;
  // Days ago, so that the day has ended and its figures are worked out.
  const start_ms = systemClock.wall_ms() - 3 * 86_400_000;
  const events = cars.map((car) => {
    unit.accept(car.cut(telemetry(start_ms)));
    const path = `/v1/proofs/frame?vehicle=${car.id}&stream=telemetry&sequence=1`;
    unit.bundles.set(path, ok(utf8(`proof of ${car.id}`)));
    const event = unit.record({ vehicleId: car.id });
    unit.bundles.set(`/v1/proofs/event/${event.id}`, ok(utf8(`proof of ${event.id}`)));
    return event;
  });
  chain.submitCheckpoint(unit, 2);
  for (const event of events) chain.submitEvent(unit, event);
  chain.finalise();
  const fleets = ["north", "south"];
  const enrolled = cars.map(({ id, signer }, at) => {
    return { id, key: toHex(signer.publicKey), salt: "00".repeat(16), fleet: fleets[at] };
  });
  writeFileSync(join(folder, "genesis.json"), site.genesis.bytes);
  writeFileSync(join(folder, "enrolled.json"), JSON.stringify(enrolled));
  writeFileSync(join(folder, "tokens.json"), encodeTokenFile(options.tokens));
  const served = await Promise.all([
    listen(unit, await processIdentity("unit-1", "unit")),
    listen(chain, await processIdentity("validator-1", "validator")),
  ]);
  await options.prepare?.(join(folder, "cloud"));
  const cloud = await startCloud({ folder, served, settings: options.settings ?? {} });
  return {
    base: `http://127.0.0.1:${cloud.ports.http}`,
    folder,
    unit,
    cars,
    events: [events[0]?.id ?? "", events[1]?.id ?? ""],
    async close() {
      await cloud.stop();
      for (const { close } of served) await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startCloud(options: {
  folder: string;
  served: readonly { readonly url: string }[];
  settings: Readonly<Record<string, unknown>>;
}): Promise<Cloud> {
  const { folder, served, settings } = options;
  const file = {
    httpPort: 0,
    dataDir: join(folder, "cloud"),
    genesis: join(folder, "genesis.json"),
    webRoot: join(folder, "web"),
    vehicles: join(folder, "enrolled.json"),
    tokens: join(folder, "tokens.json"),
    units: [`unit-1@${served[0]?.url}`],
    validators: [`validator-1@${served[1]?.url}`],
    longPoll_ms: 100,
    ...(await writeCloudIdentity(folder)),
    ...settings,
  };
  const parsed = cloudConfig.parse({ file });
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return runCloud(parsed.value, { clock: systemClock, logger: silentLogger });
}
