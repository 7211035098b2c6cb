import {
  encodeEventRecord,
  encodeGenesis,
  eventAction,
  type Genesis,
  moduleNumber,
  parseGenesis,
  signTransaction,
} from "@voltfog/ledger";
import { ByteWriter } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { BenchValidator, unitSigner, voteSigner } from "../../consensus/bench-validator.ts";
import type { BatteryReplica } from "./battery-replica.ts";
import type { ReplicaSetting, ReplicaSpec } from "./replica-messages.ts";

/** A validator of the product: records are event transactions, and a block that is included is final. */
export async function startProductReplica(o: {
  setting: ReplicaSetting;
  spec: ReplicaSpec;
  isObserved: boolean;
}): Promise<BatteryReplica> {
  const { setting, spec, isObserved } = o;
  const genesis = genesisOf(setting);
  const validator = await BenchValidator.start({ spec, genesis, link: setting.link, isObserved });
  const { index } = spec;
  let transactions: readonly Uint8Array[] = [];
  let nonce = 0;
  return {
    sign: (count) => {
      const { chainId } = genesis;
      transactions = Array.from({ length: count }, () =>
        recordOf({ chainId, index, nonce: ++nonce }),
      );
    },
    send: (plan) => validator.prepare({ index, ...plan, count: transactions.length, transactions }),
    takeSent: () =>
      validator.sent.splice(0).map(({ hash, intended_ms }) => ({ name: hash, intended_ms })),
    takeRefused: () => {
      const { refused } = validator;
      validator.refused = 0;
      return refused;
    },
    takeChanges: () =>
      validator.seen.splice(0).flatMap(({ height, at_ms, transactions: records }) => [
        { change: "included", height, at_ms, records },
        { change: "final", height, at_ms, records },
      ]),
    get connected() {
      return validator.connected;
    },
    get height() {
      return validator.height;
    },
    get sent_bytes() {
      return validator.sent_bytes;
    },
    get messages() {
      return validator.messages;
    },
    hashes: 0,
    get kinds() {
      const { counted } = validator;
      const again = counted.reduce((sum, one) => sum + one.again, 0);
      return { ...Object.fromEntries(counted.map(({ kind, first }) => [kind, first])), again };
    },
  };
}

/** An event of the replica's own unit. */
function recordOf(o: { chainId: Uint8Array; index: number; nonce: number }): Uint8Array {
  const { chainId, index, nonce } = o;
  const eventId = new ByteWriter().u64(index).u64(nonce).raw(new Uint8Array(16)).finish();
  return signTransaction({
    chainId,
    module: moduleNumber.events,
    action: eventAction.record,
    nonce,
    payload: encodeEventRecord({
      class: "cell-anomaly",
      state: "asserted",
      level: 1,
      timeBucket: 1,
      pseudonym: new Uint8Array(16).fill(index),
      eventId,
    }),
    signer: unitSigner(index),
  });
}

function genesisOf({ engine, n, blockInterval_ms }: ReplicaSetting): Genesis {
  const organisation = "bench";
  const bytes = encodeGenesis({
    chain: "bench",
    // A genesis file does not name the default engine.
    engine: engine === "pbft" ? { name: engine, redundant: 0 } : undefined,
    created_ms: 1_760_000_000_000,
    blockInterval_ms,
    // Blocks go on without records, so that six of them can be counted after the last one.
    emptyBlockInterval_ms: blockInterval_ms,
    organisations: [{ id: organisation, name: "Bench" }],
    validators: Array.from({ length: n }, (_, i) => ({
      id: `validator-${i + 1}`,
      organisation,
      voteKey: voteSigner(i).publicKey,
    })),
    units: Array.from({ length: n }, (_, i) => ({
      id: `unit-${i + 1}`,
      organisation,
      key: unitSigner(i).publicKey,
    })),
    vehicles: [],
  });
  const genesis = parseGenesis(bytes, nodeCrypto);
  if (!genesis.ok) throw new Error(genesis.problem.detail);
  return genesis.value;
}
