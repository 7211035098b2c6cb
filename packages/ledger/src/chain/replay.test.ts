import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Enrolment, idCommitmentOf, unitSalt } from "../modules/device-record.ts";
import { portableCrypto } from "../portable-crypto.ts";
import {
  createConsortium,
  type FinalBlock,
  finalise,
  type Member,
  signerOf,
} from "../testing/consortium.ts";
import { at, checkpointTx, deviceTx, eventTx, TestLog } from "../testing/transactions.ts";
import { Chain } from "./chain.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;
const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const newcomers: readonly Member[] = ["a", "b", "c"].map((id) => ({
  id: `unit-${id}`,
  signer: signerOf(`newcomer ${id}`, crypto),
}));
const senders: readonly Member[] = [
  ...consortium.units,
  ...consortium.validators,
  ...consortium.vehicles,
  ...newcomers,
];

/** One step of a random history; most are valid, many are not, and the chain sorts them out. */
type Step =
  | { readonly kind: "event"; readonly sender: number; readonly id: number; readonly nonce: number }
  | {
      readonly kind: "checkpoint";
      readonly sender: number;
      readonly grow: number;
      readonly from: number;
    }
  | { readonly kind: "enrol" | "revoke"; readonly sender: number; readonly newcomer: number }
  | { readonly kind: "noise"; readonly bytes: Uint8Array }
  | { readonly kind: "block"; readonly step_ms: number };

const sender = fc.nat(senders.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("event" as const),
      sender,
      id: fc.nat(3),
      nonce: fc.integer({ min: -2, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("checkpoint" as const),
      sender: fc.nat(3),
      grow: fc.nat(5),
      from: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("enrol" as const, "revoke" as const),
      sender,
      newcomer: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("noise" as const), bytes: fc.uint8Array() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("block" as const),
      step_ms: fc.integer({ min: 1, max: 5000 }),
    }),
  },
);

/** Turns steps into transactions, with nonces and logs as their senders would keep them. */
class History {
  readonly chain: Chain = Chain.fromGenesis({ genesis, crypto });
  readonly blocks: FinalBlock[] = [];
  readonly #logs: readonly TestLog[] = senders.map((unit) => new TestLog({ consortium, unit }));
  readonly #nonces: number[] = senders.map(() => 0);
  #pending: Uint8Array[] = [];

  take(given: Step): void {
    switch (given.kind) {
      case "block": {
        const transactions = this.#pending.splice(0);
        const time_ms = this.chain.head.header.time_ms + given.step_ms;
        this.blocks.push(finalise({ consortium, chain: this.chain, transactions, time_ms }));
        return;
      }
      case "noise":
        this.#pending.push(given.bytes);
        return;
      case "event": {
        const eventId = crypto.sha256(Uint8Array.of(given.id));
        const nonce = Math.max(0, this.#nonce(given.sender) + given.nonce);
        const from = at(senders, given.sender);
        this.#pending.push(eventTx({ consortium, sender: from, nonce, event: { eventId } }));
        return;
      }
      case "checkpoint":
        this.#checkpoint(given);
        return;
      case "enrol":
      case "revoke":
        this.#pending.push(
          deviceTx({
            consortium,
            sender: at(senders, given.sender),
            nonce: this.#nonce(given.sender),
            action: given.kind,
            enrolment: this.#enrolment(given.newcomer),
          }),
        );
        return;
    }
  }

  #checkpoint(given: Step & { kind: "checkpoint" }): void {
    const log = at(this.#logs, given.sender);
    const from = Math.max(0, log.leaves.length - given.from);
    for (let i = 0; i < given.grow; i++) {
      log.leaves.push(crypto.sha256(Uint8Array.of(given.sender, log.leaves.length)));
    }
    const member = at(senders, given.sender);
    const nonce = this.#nonce(given.sender);
    const path = log.consistency(from);
    this.#pending.push(checkpointTx({ consortium, sender: member, nonce, note: log.note(), path }));
  }

  #nonce(index: number): number {
    const next = at(this.#nonces, index) + 1;
    this.#nonces[index] = next;
    return next;
  }

  #enrolment(index: number): Enrolment {
    const { id, signer } = at(newcomers, index);
    return {
      kind: "unit",
      key: signer.publicKey,
      organisation: index === 0 ? "north" : "south",
      idCommitment: idCommitmentOf({ salt: unitSalt, id }, crypto),
      validFrom_ms: 0,
      validTo_ms: genesis.created_ms + 20_000,
    };
  }
}

const steps = fc.array(step, { minLength: 10, maxLength: 60 });

function historyOf(given: readonly Step[]): History {
  const history = new History();
  for (const one of given) history.take(one);
  history.take({ kind: "block", step_ms: 1 });
  return history;
}

function follow(chain: Chain, blocks: readonly FinalBlock[]): Chain {
  for (const { bytes } of blocks) {
    const followed = chain.follow(bytes);
    if (!followed.ok) throw new Error(followed.problem.detail);
  }
  return chain;
}

function snapshotOf(chain: Chain): Chain {
  const opened = Chain.fromSnapshot({ genesis, crypto, bytes: chain.snapshot() });
  if (!opened.ok) throw new Error(opened.problem.detail);
  return opened.value;
}

describe("any history of valid and invalid transactions", () => {
  it("gives one chain: built, replayed from bytes, or resumed from a snapshot", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (given, where) => {
        const { chain, blocks } = historyOf(given);
        const middle = 1 + (where % blocks.length);
        const replayed = follow(Chain.fromGenesis({ genesis, crypto }), blocks.slice(0, middle));
        const resumed = snapshotOf(replayed);
        for (const other of [
          follow(replayed, blocks.slice(middle)),
          follow(resumed, blocks.slice(middle)),
        ]) {
          expect(other.head).toEqual(chain.head);
          expect(other.resultsSize).toBe(chain.resultsSize);
          expect(equalBytes(other.snapshot(), chain.snapshot())).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("reaches every kind of result", () => {
    const sampled = fc.sample(steps, { numRuns: 90, seed: 7 });
    const results = sampled.flatMap((given) =>
      historyOf(given).blocks.flatMap(({ checked }) => checked.results),
    );
    const codes = [...new Set(results.map(({ code }) => code))].sort();
    expect(codes).toEqual([
      "ALREADY_ENROLLED",
      "ALREADY_REVOKED",
      "DEVICE_UNKNOWN",
      "DUPLICATE",
      "INCONSISTENT",
      "LOG_NOT_YOURS",
      "NOT_AUTHORISED",
      "NOT_GROWN",
      "OK",
    ]);
  });

  it("gives the same roots with the browser's crypto", () => {
    const history = new History();
    for (let i = 0; i < 12; i++) {
      history.take({ kind: "event", sender: i % 2, id: i, nonce: 0 });
      history.take({ kind: "checkpoint", sender: i % 2, grow: 2, from: 0 });
      history.take({ kind: "block", step_ms: 1000 });
    }
    const portable = Chain.fromGenesis({ genesis, crypto: portableCrypto });
    for (const { bytes } of history.blocks) expect(portable.follow(bytes).ok).toBe(true);
    expect(portable.head).toEqual(history.chain.head);
  });
});

describe("a snapshot", () => {
  const history = new History();
  for (let i = 0; i < 4; i++) {
    history.take({ kind: "event", sender: 0, id: i, nonce: 0 });
    history.take({ kind: "block", step_ms: 1000 });
  }
  const bytes = history.chain.snapshot();

  it("proves itself: any changed, missing or trailing byte is refused", () => {
    expect(Chain.fromSnapshot({ genesis, crypto, bytes }).ok).toBe(true);
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
      expect(Chain.fromSnapshot({ genesis, crypto, bytes: changed }).ok).toBe(false);
    }
    for (const length of [0, 1, 290, bytes.length - 1]) {
      const cut = bytes.slice(0, length);
      expect(Chain.fromSnapshot({ genesis, crypto, bytes: cut }).ok).toBe(false);
    }
    const longer = new Uint8Array([...bytes, 0]);
    expect(Chain.fromSnapshot({ genesis, crypto, bytes: longer }).ok).toBe(false);
  });

  it("of another chain is refused", () => {
    const other = createConsortium({ crypto, chain: "other" });
    const opened = Chain.fromSnapshot({ genesis: other.genesis, crypto, bytes });
    expect(opened.ok ? "OK" : opened.problem.code).toBe("SNAPSHOT_OTHER_CHAIN");
  });

  it("keeps every old result provable", () => {
    const opened = Chain.fromSnapshot({ genesis, crypto, bytes });
    if (!opened.ok) throw new Error(opened.problem.detail);
    const result = history.chain.resultAt(1);
    if (result === undefined) throw new Error("the result is kept");
    const wanted = { results: [1], names: [], known: new Map([[1, result]]) };
    expect(opened.value.evidence(wanted)).toEqual(history.chain.evidence(wanted));
  });
});
