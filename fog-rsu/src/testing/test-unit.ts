import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeGenesis, type Genesis, idCommitmentOf, parseGenesis } from "@voltfog/ledger";
import { type Signer, silentLogger } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto, systemClock, systemRandom } from "@voltfog/runtime/node";
import { type RsuConfig, rsuConfig } from "../config.ts";
import { type RunningRsu, runRsu } from "../roadside-unit.ts";
import { newSigner, type TestVehicle } from "./test-vehicle.ts";

/** A folder with all that one unit needs, and the unit in this process on free ports. */
export class TestUnit {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly signer: Signer;
  readonly validators: readonly Signer[];
  #running: RunningRsu | undefined;

  constructor(vehicles: readonly TestVehicle[]) {
    this.folder = mkdtempSync(join(tmpdir(), "voltfog-unit-"));
    this.signer = createSigningKey(join(this.folder, "unit-1.key"));
    this.validators = [newSigner(), newSigner(), newSigner(), newSigner()];
    const bytes = encodeGenesis({
      chain: "test",
      created_ms: 1_600_000_000_000,
      blockInterval_ms: 1000,
      emptyBlockInterval_ms: 10_000,
      organisations: [{ id: "org", name: "An organisation" }],
      validators: this.validators.map(({ publicKey: voteKey }, i) => {
        return { id: `validator-${i + 1}`, organisation: "org", voteKey };
      }),
      units: [{ id: "unit-1", organisation: "org", key: this.signer.publicKey }],
      vehicles: vehicles.map(({ id, signer }) => {
        const idCommitment = idCommitmentOf({ salt: new Uint8Array(16), id }, nodeCrypto);
        return { organisation: "org", key: signer.publicKey, idCommitment };
      }),
    });
    const parsed = parseGenesis(bytes, nodeCrypto);
    if (!parsed.ok) throw new Error(parsed.problem.detail);
    this.genesis = parsed.value;
    writeFileSync(join(this.folder, "genesis.json"), bytes);
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
