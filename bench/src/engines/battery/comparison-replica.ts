import { join } from "node:path";
import {
  ComparisonNode,
  journalAt,
  recordName,
  signRecord,
} from "@voltfog/consensus/comparison-node";
import { TlsTransport } from "@voltfog/consensus/node";
import { silentLogger, utf8 } from "@voltfog/runtime";
import {
  systemClock as clock,
  nodeCrypto as crypto,
  systemRandom as random,
} from "@voltfog/runtime/node";
import { unitSigner, voteSigner } from "../../consensus/bench-validator.ts";
import { DelayedTransport } from "../../consensus/delayed-transport.ts";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import { type BatteryEngine, comparisonEngine } from "./battery-engine.ts";
import type { BatteryReplica } from "./battery-replica.ts";
import type { ChainChange, SentRecord } from "./record-fates.ts";
import type { ReplicaSetting, ReplicaSpec, SendPlan } from "./replica-messages.ts";

/** As a block of the product holds. */
const recordsPerBlock = 4096;
const recordsWaitingMax = 50_000;

/** A replica of an engine that is there for comparison, over the product's transport and disk. */
export async function startComparisonReplica(o: {
  setting: ReplicaSetting;
  engine: Exclude<BatteryEngine, "poa" | "pbft">;
  spec: ReplicaSpec;
  isObserved: boolean;
}): Promise<BatteryReplica> {
  const { setting, engine, spec, isObserved } = o;
  const { n, link } = setting;
  const ids = Array.from({ length: n }, (_, i) => `validator-${i + 1}`);
  const keys = ids.map((_, i) => voteSigner(i).publicKey);
  const signer = voteSigner(spec.index);
  const transport = new DelayedTransport({ inner: tlsTransport(spec, ids), link, clock, random });
  const logger = silentLogger;
  const journal = await journalAt({ path: join(spec.folder, "journal"), crypto, logger });
  const node = new ComparisonNode({
    engine: comparisonEngine({ ...setting, engine, keys, signer }),
    ...{ replicas: ids, self: spec.index, transport, journal, crypto, clock, logger },
    ...{ recordsPerBlock, recordsWaitingMax },
  });
  const client = new RecordClient(spec.index, node);
  const changes: ChainChange[] = [];
  if (isObserved) {
    node.onBlock(({ change, height, records }) => {
      const at_ms = sharedTime_ms();
      changes.push({ change, height, at_ms, records: records.map(recordName) });
    });
  }
  await node.start();
  return {
    sign: (count) => client.sign(count),
    send: (plan) => client.send(plan),
    takeSent: () => client.sent.splice(0),
    takeRefused: () => client.takeRefused(),
    takeChanges: () => changes.splice(0),
    get connected() {
      return transport.peers.length;
    },
    get height() {
      return node.stats().height;
    },
    get sent_bytes() {
      return transport.sent_bytes;
    },
    get messages() {
      return transport.messages;
    },
    get hashes() {
      return node.stats().hashes;
    },
    get kinds() {
      const { traffic } = node.stats();
      return Object.fromEntries([...traffic].map(([kind, { messages }]) => [kind, messages]));
    },
  };
}

/** Sends signed records of 200 bytes to the replica beside it. */
class RecordClient {
  readonly sent: SentRecord[] = [];
  readonly #index: number;
  readonly #node: ComparisonNode;
  #records: readonly Uint8Array[] = [];
  #number = 0;
  #refused = 0;

  constructor(index: number, node: ComparisonNode) {
    this.#index = index;
    this.#node = node;
  }

  sign(count: number): void {
    const signer = unitSigner(this.#index);
    const content = utf8("cell anomaly, asserted, level 1");
    this.#records = Array.from({ length: count }, () =>
      signRecord({ signer, number: this.#number++, content }),
    );
  }

  send({ start_ms, interval_ms }: SendPlan): void {
    const records = this.#records;
    const count = records.length;
    let next = 0;
    const sendDue = (): void => {
      const now_ms = sharedTime_ms();
      for (; next < count && start_ms + next * interval_ms <= now_ms; next++) {
        this.#submit(records[next] ?? new Uint8Array(), start_ms + next * interval_ms);
      }
      if (next < count) clock.after(1, sendDue);
    };
    clock.after(Math.max(0, start_ms - sharedTime_ms()), sendDue);
  }

  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  #submit(record: Uint8Array, intended_ms: number): void {
    if (this.#node.submit(record) === undefined) {
      this.sent.push({ name: recordName(record), intended_ms });
    } else this.#refused++;
  }
}

function tlsTransport(spec: ReplicaSpec, ids: readonly string[]): TlsTransport {
  const keyOf = (id: string): Uint8Array | undefined => {
    const place = ids.indexOf(id);
    return place < 0 ? undefined : voteSigner(place).publicKey;
  };
  return new TlsTransport({
    identity: {
      chainId: crypto.sha256(utf8("voltfog-bench/comparison\n")),
      id: `validator-${spec.index + 1}`,
      voteKeyOf: keyOf,
      succession: () => undefined,
      signer: voteSigner(spec.index),
      crypto,
      random,
      clock,
    },
    tls: spec.tls,
    membership: {
      seats: () =>
        ids.map((id, i) => ({
          ...{ id, organisation: "bench", endpoint: undefined },
          voteKey: voteSigner(i).publicKey,
        })),
      isRemoved: () => false,
      admits: ({ id }) => ids.includes(id),
    },
    host: "127.0.0.1",
    port: spec.port,
    peers: spec.peers,
    logger: silentLogger,
  });
}
