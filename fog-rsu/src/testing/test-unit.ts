import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Genesis } from "@voltfog/ledger";
import { type Signer, silentLogger } from "@voltfog/runtime";
import { createSigningKey, systemClock, systemRandom } from "@voltfog/runtime/node";
import { type RsuConfig, rsuConfig } from "../config.ts";
import { type RunningRsu, runRsu } from "../roadside-unit.ts";
import { testGenesis } from "./test-genesis.ts";
import type { TestVehicle } from "./test-vehicle.ts";

/** A folder with all that one unit needs, and the unit in this process on free ports. */
export class TestUnit {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly signer: Signer;
  readonly validators: readonly { id: string; key: string; signer: Signer }[];
  #running: RunningRsu | undefined;

  constructor(
    vehicles: readonly TestVehicle[],
    options: { validators?: number; blockInterval_ms?: number } = {},
  ) {
    this.folder = mkdtempSync(join(tmpdir(), "voltfog-unit-"));
    this.signer = createSigningKey(join(this.folder, "unit-1.key"));
    this.validators = [1, 2, 3, 4].slice(0, options.validators ?? 4).map((i) => {
      const key = join(this.folder, `validator-${i}.key`);
      return { id: `validator-${i}`, key, signer: createSigningKey(key) };
    });
    const validators = this.validators.map(({ signer }) => signer);
    this.genesis = testGenesis({
      ...options,
      unit: this.signer,
      validators,
      vehicles,
    });
    writeFileSync(join(this.folder, "genesis.json"), this.genesis.bytes);
    const enrolled = vehicles.map(({ enrolment }) => enrolment);
    writeFileSync(join(this.folder, "enrolled.json"), JSON.stringify(enrolled));
  }

  config(changes: Partial<RsuConfig> = {}): RsuConfig {
    const parsed = rsuConfig.parse({
      file: {
        id: "unit-1",
        genesis: join(this.folder, "genesis.json"),
        key: join(this.folder, "unit-1.key"),
        dataDir: this.dataDir,
        vehicles: join(this.folder, "enrolled.json"),
        mqttPort: 0,
        httpPort: 0,
        validatorUrl: "http://127.0.0.1:9",
        ...changes,
      },
    });
    if (!parsed.ok) throw new Error(parsed.problem.detail);
    return parsed.value;
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  async start(changes: Partial<RsuConfig> = {}): Promise<RunningRsu> {
    const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
    this.#running = await runRsu(this.config(changes), ports);
    return this.#running;
  }

  get ports(): RunningRsu["ports"] {
    if (this.#running === undefined) throw new Error("the unit is not running");
    return this.#running.ports;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Stops the unit and removes everything. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.ports.http}${path}`;
  }

  async json<T>(path: string): Promise<T> {
    const response = await fetch(this.url(path));
    return (await response.json()) as T;
  }
}

/** A private key file of a key that is registered nowhere. */
export function writeStrangeKey(path: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(path, privateKey.export({ format: "pem", type: "pkcs8" }));
}
