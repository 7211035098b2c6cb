import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Genesis } from "@voltfog/ledger";
import { type Signer, silentLogger } from "@voltfog/runtime";
import {
  createHttpClient,
  createSigningKey,
  type HttpCall,
  type PeerRole,
  systemClock,
  systemRandom,
} from "@voltfog/runtime/node";
import { type RsuConfig, rsuConfig } from "../config.ts";
import { type RunningRsu, runRsu } from "../roadside-unit.ts";
import { processIdentity, writeIdentity } from "./test-certificates.ts";
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

  async config(changes: Partial<RsuConfig> = {}): Promise<RsuConfig> {
    const tls = await writeIdentity({ folder: this.folder, id: "unit-1", role: "unit" });
    const parsed = rsuConfig.parse({
      file: {
        id: "unit-1",
        genesis: join(this.folder, "genesis.json"),
        key: join(this.folder, "unit-1.key"),
        dataDir: this.dataDir,
        vehicles: join(this.folder, "enrolled.json"),
        ...tls,
        mqttPort: 0,
        backbonePort: 0,
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
    this.#running = await runRsu(await this.config(changes), ports);
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

  /** Asks as whoever may: anybody on the plain port, a process of the site over the backbone. */
  async fetch(path: string, init: RequestInit = {}, role = callerOf(path)): Promise<Response> {
    if (role === undefined) return fetch(`http://127.0.0.1:${this.ports.http}${path}`, init);
    const client = createHttpClient({
      url: `https://127.0.0.1:${this.ports.backbone}`,
      peerId: "unit-1",
      identity: await processIdentity(role, role),
    });
    const { method = "GET", body, headers } = init;
    const type = new Headers(headers).get("content-type") ?? "text/plain";
    const answer = await client.call({
      path,
      method: method as Exclude<HttpCall["method"], undefined>,
      ...(typeof body === "string" ? { body: { type, bytes: body } } : {}),
      signal: init.signal ?? AbortSignal.timeout(60_000),
      bodyMax_bytes: 16_777_216,
    });
    client.close();
    const { status } = answer;
    return new Response(status === 204 ? null : (answer.body as Uint8Array<ArrayBuffer>), {
      status,
    });
  }

  async json<T>(path: string): Promise<T> {
    return (await (await this.fetch(path)).json()) as T;
  }
}

function callerOf(path: string): PeerRole | undefined {
  if (/^\/v1\/(assignment|heartbeat|policies)/.test(path)) return "controller";
  if (path.startsWith("/v1/vehicles/")) return "operator";
  return /^\/v1\/(logs|entries|events|proofs|notices)/.test(path) ? "cloud" : undefined;
}

/** A private key file of a key that is registered nowhere. */
export function writeStrangeKey(path: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(path, privateKey.export({ format: "pem", type: "pkcs8" }));
}
