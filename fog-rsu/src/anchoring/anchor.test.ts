import {
  Chain,
  type ChainEvidence,
  commitMessage,
  consistencyPath,
  decodeCheckpointSubmission,
  decodeTransaction,
  encodeEventRecord,
  leafHash,
  logId,
  logOrigin,
  moduleNumber,
  rootOf,
  signCheckpoint,
} from "@voltfog/ledger";
import {
  accepted,
  CodedError,
  fromHex,
  ManualClock,
  type Outcome,
  refused,
  silentLogger,
  toHex,
} from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testGenesis } from "../testing/test-genesis.ts";
import { newSigner } from "../testing/test-vehicle.ts";
import { Anchor, type AnchoredEvents, type AnchoredLog } from "./anchor.ts";
import type { ChainPort, SubmitProblem } from "./chain-port.ts";

const crypto = nodeCrypto;
const unit = newSigner();
const validator = newSigner();
const genesis = testGenesis({ unit, validators: [validator], vehicles: [] });
const origin = logOrigin({ chain: "test", unitId: "unit-1" });

/** A chain of one validator that makes a block when told to. */
class FakeChain implements ChainPort {
  readonly chain = Chain.fromGenesis({ genesis, crypto });
  readonly submitted: Uint8Array[] = [];
  isDown = false;
  /** Loses what is submitted, as a validator that dies with its mempool. */
  isForgetful = false;
  #pool: Uint8Array[] = [];
  #waiting: ((height: number) => void)[] = [];

  waitForBlock({ above, signal }: Parameters<ChainPort["waitForBlock"]>[0]): Promise<number> {
    this.#mustBeUp();
    if (this.chain.height > above) return Promise.resolve(this.chain.height);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(above));
    });
  }

  async submit(transaction: Uint8Array): Promise<Outcome<undefined, SubmitProblem>> {
    this.#mustBeUp();
    this.submitted.push(transaction);
    const admitted = this.chain.admit(transaction);
    if (!admitted.ok)
      return refused({ code: admitted.problem.code, detail: admitted.problem.detail });
    if (!this.isForgetful) this.#pool.push(transaction);
    return accepted(undefined);
  }

  async evidence(wanted: Parameters<ChainPort["evidence"]>[0]): Promise<ChainEvidence | undefined> {
    this.#mustBeUp();
    return this.chain.evidence(wanted);
  }

  /** Makes everything that waits final, and gives the results' codes. */
  mine(): readonly string[] {
    const { head } = this.chain;
    const block = this.chain.build({
      parentCertificate: head.certificate,
      time_ms: head.header.time_ms + 1000,
      proposer: validator.publicKey,
      transactions: this.#pool.splice(0),
    });
    const checked = this.chain.check(block, { now_ms: Number.MAX_SAFE_INTEGER });
    if (!checked.ok) throw new Error(checked.problem.detail);
    const { height, epoch, chainId } = block.header;
    const content = {
      chainId,
      epoch,
      height,
      round: 0,
      blockHash: checked.value.hash,
      delay_ms: 1,
    };
    const signature = validator.sign(commitMessage(content));
    const signatures = [{ validator: 0, delay_ms: 1, signature }];
    const certificate = { form: "commit", ...content, validators: 1, signatures } as const;
    const results = this.chain.commit(checked.value, certificate);
    for (const wake of this.#waiting.splice(0)) wake(height);
    return results.map(({ code }) => code);
  }

  #mustBeUp(): void {
    if (this.isDown) throw new CodedError({ code: "CHAIN_UNREACHABLE", message: "down" });
  }
}

class FakeLog implements AnchoredLog {
  readonly #leaves: Uint8Array[] = [];

  grow(entries: number): void {
    for (let i = 0; i < entries; i++) {
      this.#leaves.push(leafHash(Uint8Array.of(this.#leaves.length), crypto));
    }
  }

  get size(): number {
    return this.#leaves.length;
  }

  async publish(): Promise<{ size: number; note: string }> {
    const root = rootOf(this.#leaves, crypto);
    const { size } = this;
    return { size, note: signCheckpoint({ origin, size, root, signer: unit, crypto }) };
  }

  async consistencyPath({
    from,
    to,
  }: {
    from: number;
    to: number;
  }): Promise<readonly Uint8Array[]> {
    return consistencyPath({ leaves: this.#leaves.slice(0, to), from, crypto });
  }
}

class FakeEvents implements AnchoredEvents {
  readonly final = new Map<string, { height: number; resultIndex: number }>();
  pendingIds: string[] = [];

  record(): string {
    const id = toHex(crypto.sha256(Uint8Array.of(this.pendingIds.length + this.final.size)));
    this.pendingIds.push(id);
    return id;
  }

  async payload(id: string): Promise<Uint8Array> {
    const eventId = fromHex(id) ?? new Uint8Array(32);
    const pseudonym = new Uint8Array(16);
    return encodeEventRecord({
      class: "overcharge",
      state: "asserted",
      level: 1,
      timeBucket: 1,
      pseudonym,
      eventId,
    });
  }

  finalise({ id, finality }: Parameters<AnchoredEvents["finalise"]>[0]): void {
    this.final.set(id, finality);
    this.pendingIds = this.pendingIds.filter((other) => other !== id);
  }
}

let clock: ManualClock;
let chain: FakeChain;
let log: FakeLog;
let events: FakeEvents;
const anchors: Anchor[] = [];

beforeEach(() => {
  clock = new ManualClock(1_700_000_000_000);
  chain = new FakeChain();
  log = new FakeLog();
  events = new FakeEvents();
});
afterEach(async () => {
  await Promise.all(anchors.splice(0).map((anchor) => anchor.stop()));
});

function start(): Anchor {
  const anchor = new Anchor({
    log,
    events,
    chain,
    chainId: genesis.chainId,
    logId: logId({ origin, publicKey: unit.publicKey, crypto }),
    signer: unit,
    clock,
    logger: silentLogger,
    checkpointInterval_ms: 1000,
  });
  anchors.push(anchor);
  anchor.start();
  return anchor;
}

/** Lets everything that is ready happen; none of it waits for real time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(time_ms: number): Promise<void> {
  for (let passed_ms = 0; passed_ms < time_ms; passed_ms += 100) {
    clock.advance(100);
    await settle();
  }
}

function checkpointsSubmitted(): number {
  return chain.submitted.filter((bytes) => {
    const transaction = decodeTransaction(bytes);
    return transaction.ok && transaction.value.module === moduleNumber.checkpoints;
  }).length;
}

test("a log that grew is final after a checkpoint and a block, and goes on from there", async () => {
  const anchor = start();
  await pass(1000);
  log.grow(3);
  anchor.nudge();
  await pass(2000);
  expect(chain.mine()).toEqual(["OK"]);
  await settle();
  expect(anchor.finalSize).toBe(3);
  log.grow(300);
  anchor.nudge();
  await pass(2000);
  expect(chain.mine()).toEqual(["OK"]);
  await settle();
  expect(anchor.finalSize).toBe(303);
  expect(anchor.height).toBe(2);
});

test("while one checkpoint waits for its block no other is sent, however the log grows", async () => {
  const anchor = start();
  await pass(1000);
  for (let i = 0; i < 20; i++) {
    log.grow(1);
    anchor.nudge();
    await pass(100);
  }
  expect(checkpointsSubmitted()).toBe(1);
});

test("a checkpoint that was lost on the way is sent again", async () => {
  const anchor = start();
  chain.isForgetful = true;
  log.grow(2);
  await pass(3000);
  chain.isForgetful = false;
  await pass(6000);
  expect(chain.mine()).toEqual(["OK"]);
  await settle();
  expect(anchor.finalSize).toBe(2);
  expect(checkpointsSubmitted()).toBe(2);
});

test("while the chain is down nothing is lost, and it takes up by itself", async () => {
  chain.isDown = true;
  const anchor = start();
  log.grow(5);
  const id = events.record();
  anchor.nudge();
  await pass(5000);
  expect(anchor.state).toBe("unreachable");
  chain.isDown = false;
  await pass(3000);
  expect(chain.mine().toSorted()).toEqual(["OK", "OK"]);
  await settle();
  expect(anchor).toMatchObject({ state: "following", finalSize: 5 });
  expect(events.final.get(id)).toMatchObject({ height: 1 });
});

test("events are sent at once and final once, with their place on the chain", async () => {
  const anchor = start();
  await pass(1000);
  const ids = [events.record(), events.record(), events.record()];
  anchor.nudge();
  await settle();
  expect(chain.submitted).toHaveLength(3);
  chain.mine();
  await settle();
  expect([...events.final].map(([id, { resultIndex }]) => [id, resultIndex])).toEqual(
    ids.map((id, index) => [id, index]),
  );
  expect(events.pendingIds).toEqual([]);
});

test("an event of an earlier life that is final already is not recorded twice", async () => {
  const first = start();
  await pass(1000);
  const id = events.record();
  first.nudge();
  await settle();
  await first.stop();
  expect(chain.mine()).toEqual(["OK"]);
  start();
  await pass(3000);
  expect(events.final.get(id)).toMatchObject({ height: 1, resultIndex: 0 });
  expect(chain.submitted).toHaveLength(1);
});

test("another life of the unit sends with nonces above those of the one before", async () => {
  for (let life = 1; life <= 3; life++) {
    const anchor = start();
    log.grow(1);
    await pass(3000);
    expect(chain.mine(), `life ${life}`).toEqual(["OK"]);
    await settle();
    expect(anchor.finalSize).toBe(life);
    await anchor.stop();
  }
});

test("a clock that was set back does not make nonces stale", async () => {
  const anchor = start();
  log.grow(1);
  await pass(3000);
  chain.mine();
  await anchor.stop();
  clock = new ManualClock(1_500_000_000_000);
  const later = start();
  log.grow(1);
  await pass(3000);
  expect(chain.mine()).toEqual(["OK"]);
  await settle();
  expect(later.finalSize).toBe(2);
});

test("what it submits is the published note with the path from the last final size", async () => {
  start();
  log.grow(7);
  await pass(2000);
  const transaction = decodeTransaction(chain.submitted[0] ?? new Uint8Array());
  if (!transaction.ok) throw new Error(transaction.problem.detail);
  const submission = decodeCheckpointSubmission(transaction.value.payload);
  expect(submission).toMatchObject({
    ok: true,
    value: { path: [], note: (await log.publish()).note },
  });
});
