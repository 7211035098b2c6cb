import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeGenesis, idCommitmentOf } from "@voltfog/ledger";
import { assert, fromHex, type Signer } from "@voltfog/runtime";
import type { CertificateAuthority } from "@voltfog/runtime/certificates";
import {
  createHttpClient,
  createSigningKey,
  type HttpClient,
  nodeCrypto,
  type TlsFiles,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { brokerId, type Target } from "../mqtt/mqtt-connection.ts";
import type { Device } from "./fleet-messages.ts";

/** Every broker that is measured shows a certificate for it. */
export const unitId: string = brokerId;
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

const callTimeout_ms = 10_000;

interface SiteOptions {
  readonly folder: string;
  readonly devices: readonly Device[];
  readonly created_ms: number;
  readonly authority: CertificateAuthority;
}

/** The files that all units of one experiment start from. */
export class UnitSite {
  readonly #folder: string;
  readonly #unit: Signer;

  /** The certificate of every broker that is measured, and its three files. */
  readonly broker: TlsIdentity;
  readonly files: TlsFiles;
  /** Who reads what brokers forward. */
  readonly reader: TlsIdentity;
  readonly #controller: TlsIdentity;

  private constructor(
    o: SiteOptions & { broker: TlsIdentity; reader: TlsIdentity; controller: TlsIdentity },
  ) {
    this.#folder = o.folder;
    this.broker = o.broker;
    this.reader = o.reader;
    this.#controller = o.controller;
    mkdirSync(o.folder, { recursive: true });
    this.files = writeIdentity(o.folder, o.broker);
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

  static async create(o: SiteOptions): Promise<UnitSite> {
    const { authority, created_ms: now_ms } = o;
    const [broker, reader, controller] = await Promise.all([
      authority.newIdentity({ id: unitId, role: "unit" }, { now_ms }),
      authority.newIdentity({ id: "reader", role: "operator" }, { now_ms }),
      authority.newIdentity({ id: "controller", role: "controller" }, { now_ms }),
    ]);
    return new UnitSite({ ...o, broker, reader, controller });
  }

  /** Starts `voltfog rsu` on a new data folder and free ports, with the product's default settings. */
  async start(o: {
    self: readonly string[];
    dataDir: string;
    /** Other than the usual ones. */
    settings?: object;
  }): Promise<RunningUnit> {
    mkdirSync(o.dataDir, { recursive: true });
    const config = join(o.dataDir, "..", "unit-1.json");
    const settings = {
      id: unitId,
      genesis: join(this.#folder, "genesis.json"),
      key: join(this.#folder, "unit-1.key"),
      vehicles: join(this.#folder, "enrolled.json"),
      dataDir: o.dataDir,
      ...this.files,
      mqttPort: 0,
      backbonePort: 0,
      httpPort: 0,
      // Nobody listens there: finality is not what is measured, and the unit does not wait for it.
      validatorUrl: "http://127.0.0.1:9",
      logLevel: "warn",
      ...o.settings,
    };
    writeFileSync(config, JSON.stringify(settings, null, 2));
    const log = openSync(join(o.dataDir, "..", "unit-1.log"), "a");
    const [program = process.execPath, ...words] = [...o.self, "rsu", "--config", config];
    const child = spawn(program, words, { stdio: ["ignore", log, log, "ipc"] });
    closeSync(log);
    const ports = await portsOf(child);
    return new RunningUnit({ child, dataDir: o.dataDir, ports, controller: this.#controller });
  }
}

interface UnitPorts {
  readonly mqtt: number;
  readonly backbone: number;
  readonly http: number;
}

export class RunningUnit {
  readonly target: Target;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #backbone: HttpClient;

  constructor(o: {
    child: ChildProcess;
    dataDir: string;
    ports: UnitPorts;
    controller: TlsIdentity;
  }) {
    this.#child = o.child;
    this.dataDir = o.dataDir;
    this.target = { host: "127.0.0.1", port: o.ports.mqtt };
    this.#url = `http://127.0.0.1:${o.ports.http}`;
    this.#backbone = createHttpClient({
      url: `https://127.0.0.1:${o.ports.backbone}`,
      peerId: unitId,
      identity: o.controller,
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** From now on no function serves any vehicle. */
  async functionsOff(): Promise<void> {
    const answer = await this.#backbone.call({
      path: "/v1/assignment",
      method: "PUT",
      body: {
        type: "application/json",
        bytes: JSON.stringify({ version: 1, functions: [] }),
      },
      signal: AbortSignal.timeout(callTimeout_ms),
      bodyMax_bytes: 65_536,
    });
    this.#backbone.close();
    assert(answer.status === 204, "the unit takes the assignment");
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

function writeIdentity(folder: string, identity: TlsIdentity): TlsFiles {
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    tlsAuthority: put("ca.crt", identity.authority),
    tlsCertificate: put("broker.crt", identity.certificate),
    tlsKey: put("broker.tls.key", identity.key),
  };
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
