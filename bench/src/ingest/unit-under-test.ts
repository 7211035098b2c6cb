import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeGenesis, idCommitmentOf } from "@voltfog/ledger";
import { assert, fromHex, type Signer } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import type { Target } from "../mqtt/mqtt-connection.ts";
import type { Device } from "./fleet-messages.ts";

export const unitId = "unit-1";
const idSalt = new Uint8Array(16);

/** What GET /v1/status says, as far as it is looked at here. */
export interface UnitStatus {
  readonly log: { readonly size: number };
  readonly refusals: Readonly<Record<string, number>>;
  readonly functions: readonly {
    readonly id: string;
    readonly health: { readonly samplesSeen: number; readonly samplesShed: number };
  }[];
  readonly events: number;
}

/** The files that all units of one experiment start from. */
export class UnitSite {
  readonly #folder: string;
  readonly #unit: Signer;

  constructor(o: { folder: string; devices: readonly Device[]; created_ms: number }) {
    this.#folder = o.folder;
    mkdirSync(o.folder, { recursive: true });
    this.#unit = createSigningKey(join(o.folder, "unit-1.key"));
    const validator = createSigningKey(join(o.folder, "validator-1.key"));
    const genesis = encodeGenesis({
      chain: "bench",
      created_ms: o.created_ms,
      blockInterval_ms: 1000,
      emptyBlockInterval_ms: 10_000,
      organisations: [{ id: "bench", name: "Bench" }],
      validators: [{ id: "validator-1", organisation: "bench", voteKey: validator.publicKey }],
      units: [{ id: unitId, organisation: "bench", key: this.#unit.publicKey }],
      vehicles: o.devices.map(({ id, key }) => ({
        organisation: "bench",
        key: fromHex(key) ?? new Uint8Array(),
        idCommitment: idCommitmentOf({ salt: idSalt, id }, nodeCrypto),
      })),
    });
    writeFileSync(join(o.folder, "genesis.json"), genesis);
    const enrolled = o.devices.map((device) => ({ ...device, salt: "00".repeat(16) }));
    writeFileSync(join(o.folder, "enrolled.json"), JSON.stringify(enrolled));
  }

  /** Starts `voltfog rsu` on a new data folder and free ports, with the product's default settings. */
  async start(o: { self: readonly string[]; dataDir: string }): Promise<RunningUnit> {
    mkdirSync(o.dataDir, { recursive: true });
    const config = join(o.dataDir, "..", "unit-1.json");
    const settings = {
      id: unitId,
      genesis: join(this.#folder, "genesis.json"),
      key: join(this.#folder, "unit-1.key"),
      vehicles: join(this.#folder, "enrolled.json"),
      dataDir: o.dataDir,
      mqttPort: 0,
      httpPort: 0,
      // Nobody listens there: finality is not what is measured, and the unit does not wait for it.
      validatorUrl: "http://127.0.0.1:9",
      logLevel: "warn",
    };
    writeFileSync(config, JSON.stringify(settings, null, 2));
    const log = openSync(join(o.dataDir, "..", "unit-1.log"), "a");
    const [program = process.execPath, ...words] = [...o.self, "rsu", "--config", config];
    const child = spawn(program, words, { stdio: ["ignore", log, log, "ipc"] });
    closeSync(log);
    return new RunningUnit({ child, dataDir: o.dataDir, ports: await portsOf(child) });
  }
}

interface UnitPorts {
  readonly mqtt: number;
  readonly http: number;
}

export class RunningUnit {
  readonly target: Target;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #url: string;

  constructor(o: { child: ChildProcess; dataDir: string; ports: UnitPorts }) {
    this.#child = o.child;
    this.dataDir = o.dataDir;
    this.target = { host: "127.0.0.1", port: o.ports.mqtt };
    this.#url = `http://127.0.0.1:${o.ports.http}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** From now on no function serves any vehicle. */
  async functionsOff(): Promise<void> {
    const response = await fetch(`${this.#url}/v1/assignment`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ version: 1, functions: [] }),
    });
    assert(response.ok, "the unit takes the assignment");
  }

  async status(): Promise<UnitStatus> {
    const response = await fetch(`${this.#url}/v1/status`);
    return (await response.json()) as UnitStatus;
  }

  /** Ends it as an operator would, so that its folder is whole, and waits. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await exit;
  }
}

/** A started process tells who started it where it listens. */
function portsOf(child: ChildProcess): Promise<UnitPorts> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the unit ended with code ${code}`)));
    child.once("message", (message) => resolve((message as { ports: UnitPorts }).ports));
  });
}

/** Bytes of all files below a folder. */
export function size_bytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
