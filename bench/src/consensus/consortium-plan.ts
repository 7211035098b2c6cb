import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  defaultEngine,
  type EngineChoice,
  encodeGenesis,
  type Genesis,
  parseGenesis,
} from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { freePorts, nodeCrypto, type TlsIdentity } from "@voltfog/runtime/node";
import { unitSigner, voteSigner } from "./bench-validator.ts";
import type { Link } from "./delayed-transport.ts";
import type { ValidatorSpec } from "./validator-messages.ts";

const host = "127.0.0.1";
/** Up to here every validator has a process of its own. */
const ownProcessMax = 10;
const sharedProcesses = 4;

export interface ConsortiumOptions {
  readonly n: number;
  /** The default one where absent. */
  readonly engine?: EngineChoice;
  readonly link: Link;
  readonly blockInterval_ms: number;
  /** Between blocks without transactions; the block interval where absent. */
  readonly emptyBlockInterval_ms?: number;
  readonly isDurable: boolean;
  readonly folder: string;
  readonly clock: Clock;
  /** Vehicles of the genesis file, by their keys. */
  readonly vehicleKeys?: readonly Uint8Array[];
  /** Clients are processes of their own, at doors of the validators, and nobody else observes. */
  readonly hasDoors?: boolean;
}

/** The specs of all validators, and what a client at their doors shows. */
export interface ConsortiumPlan {
  readonly specs: readonly ValidatorSpec[];
  readonly clientTls: TlsIdentity;
}

export function genesisOf(options: ConsortiumOptions): Genesis {
  const genesis = parseGenesis(genesisBytes(options), nodeCrypto);
  if (!genesis.ok) throw new Error(genesis.problem.detail);
  return genesis.value;
}

export function genesisBytes(options: ConsortiumOptions): Uint8Array {
  const { n, blockInterval_ms, emptyBlockInterval_ms, vehicleKeys = [], engine } = options;
  return encodeGenesis({
    chain: "bench",
    // A genesis file says nothing of the default.
    ...(engine === undefined || engine.name === defaultEngine.name ? {} : { engine }),
    created_ms: 1_760_000_000_000,
    blockInterval_ms,
    // Blocks go on without transactions, so that six of them can be counted after the last one.
    emptyBlockInterval_ms: emptyBlockInterval_ms ?? blockInterval_ms,
    organisations: [{ id: "bench", name: "Bench" }],
    validators: Array.from({ length: n }, (_, i) => ({
      id: `validator-${i + 1}`,
      organisation: "bench",
      voteKey: voteSigner(i).publicKey,
    })),
    units: Array.from({ length: n }, (_, i) => ({
      id: `unit-${i + 1}`,
      organisation: "bench",
      key: unitSigner(i).publicKey,
    })),
    vehicles: vehicleKeys.map((key) => ({
      organisation: "bench",
      key,
      idCommitment: nodeCrypto.sha256(key),
    })),
  });
}

export async function planOf({
  n,
  folder,
  clock,
  hasDoors = false,
}: ConsortiumOptions): Promise<ConsortiumPlan> {
  const now_ms = clock.wall_ms();
  const authority = await CertificateAuthority.create({ name: "bench", now_ms });
  const [ports, doorPorts] = halves(await freePorts(hasDoors ? 2 * n : n), n);
  const ids = ports.map((_, i) => `validator-${i + 1}`);
  const client = { id: "client", role: "operator" } as const;
  const specs = await Promise.all(
    ports.map(async (port, index) => {
      const own = join(folder, `validator-${index + 1}`);
      mkdirSync(own, { recursive: true });
      const peers = ports.flatMap((other, i) =>
        i === index ? [] : [{ id: ids[i] ?? "", host, port: other }],
      );
      const subject = { id: ids[index] ?? "", role: "validator" } as const;
      const tls = await authority.newIdentity(subject, { now_ms });
      const doorPort = doorPorts[index];
      const door = doorPort === undefined ? {} : { doorPort };
      return { index, folder: own, port, tls, peers, ...door };
    }),
  );
  return { specs, clientTls: await authority.newIdentity(client, { now_ms }) };
}

function halves<T>(all: readonly T[], at: number): [readonly T[], readonly T[]] {
  return [all.slice(0, at), all.slice(at)];
}

/** The first has a process of its own in any case, since it will be killed. */
export function grouped(specs: readonly ValidatorSpec[]): ValidatorSpec[][] {
  if (specs.length <= ownProcessMax) return specs.map((spec) => [spec]);
  const rest = specs.slice(1);
  const size = Math.ceil(rest.length / sharedProcesses);
  const shared = Array.from({ length: sharedProcesses }, (_, i) =>
    rest.slice(i * size, (i + 1) * size),
  );
  return [specs.slice(0, 1), ...shared.filter((group) => group.length > 0)];
}
