import {
  type Certificate,
  Chain,
  checkpointAction,
  commitMessage,
  encodeBlock,
  encodeCertificate,
  encodeCheckpointSubmission,
  encodeEventRecord,
  encodeGenesis,
  eventAction,
  type Genesis,
  idCommitmentOf,
  moduleNumber,
  parseGenesis,
  type Result,
  signTransaction,
} from "@voltfog/ledger";
import type { BatteryEvent } from "@voltfog/messages";
import { assert, ByteWriter, fromHex, type Outcome, type Signer, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { ServedBlock } from "../finality/block-page.ts";
import type { Reply } from "../remote/remote.ts";
import { FakeUnit, ok } from "./fake-unit.ts";
import { newSigner, TestVehicle } from "./test-vehicle.ts";

const crypto = nodeCrypto;
const chainName = "test";

/** A consortium of four validators, two units and two vehicles, with all private keys. */
export interface TestSite {
  readonly genesis: Genesis;
  readonly validators: readonly { readonly id: string; readonly signer: Signer }[];
  readonly units: readonly FakeUnit[];
  readonly vehicles: readonly TestVehicle[];
}

export function createSite(): TestSite {
  const members = (kind: string, count: number): { id: string; signer: Signer }[] =>
    Array.from({ length: count }, (_, i) => ({ id: `${kind}-${i + 1}`, signer: newSigner() }));
  const validators = members("validator", 4);
  const units = members("unit", 2).map((unit) => new FakeUnit({ ...unit, chain: chainName }));
  const vehicles = ["car-1", "car-2"].map((id) => new TestVehicle(id));
  const organisation = "north";
  const bytes = encodeGenesis({
    chain: chainName,
    created_ms: 1000,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: 10_000,
    organisations: [{ id: organisation, name: "North Grid" }],
    validators: validators.map(({ id, signer }) => ({
      id,
      organisation,
      voteKey: signer.publicKey,
    })),
    units: units.map(({ id, signer }) => ({ id, organisation, key: signer.publicKey })),
    vehicles: vehicles.map(({ id, signer }) => ({
      organisation,
      key: signer.publicKey,
      idCommitment: idCommitmentOf({ salt: new Uint8Array(16), id }, crypto),
    })),
  });
  const parsed = parseGenesis(bytes, crypto);
  assert(parsed.ok, "the test genesis parses");
  return { genesis: parsed.value, validators, units, vehicles };
}

/** A chain that makes final what it is told, and serves its blocks as a validator does. */
export class FakeChain {
  readonly #site: TestSite;
  readonly #chain: Chain;
  readonly blocks: ServedBlock[] = [];
  /** Of all blocks, in order. */
  readonly results: { readonly result: Result; readonly time_ms: number }[] = [];
  readonly #finalSizes = new Map<string, number>();
  #nonce = 0;
  #waiting: Uint8Array[] = [];

  constructor(site: TestSite) {
    this.#site = site;
    this.#chain = Chain.fromGenesis({ genesis: site.genesis, crypto });
  }

  get height(): number {
    return this.#chain.height;
  }

  submitCheckpoint(unit: FakeUnit, size: number = unit.logged.length): this {
    const from = this.#finalSizes.get(unit.id) ?? 0;
    this.#finalSizes.set(unit.id, size);
    return this.#submit(unit, {
      module: moduleNumber.checkpoints,
      action: checkpointAction.submit,
      payload: encodeCheckpointSubmission({
        note: unit.noteAt(size),
        path: unit.consistency(from, size),
      }),
    });
  }

  submitEvent(unit: FakeUnit, event: BatteryEvent): this {
    return this.#submit(unit, {
      module: moduleNumber.events,
      action: eventAction.record,
      payload: encodeEventRecord({
        class: event.class,
        state: event.state,
        level: event.level,
        timeBucket: 1,
        pseudonym: new Uint8Array(16),
        eventId: fromHex(event.id) ?? new Uint8Array(32),
      }),
    });
  }

  /** The chain as it is, for what is signed for it and for whoever reads its state. */
  get chain(): Chain {
    return this.#chain;
  }

  /** As a validator takes it: waits for the next block, or the code of why not. */
  take(bytes: Uint8Array): Outcome<{ readonly hash: Uint8Array }> {
    const admitted = this.#chain.admit(bytes);
    if (admitted.ok) this.#waiting.push(bytes);
    return admitted;
  }

  /** One more final block with what was submitted. */
  finalise(options: { signers?: readonly number[] } = {}): this {
    const { validators } = this.#site;
    const { header: parent, certificate: parentCertificate } = this.#chain.head;
    const proposer = validators[this.height % validators.length];
    assert(proposer !== undefined, "there are validators");
    const time_ms = parent.time_ms + 1000;
    const block = this.#chain.build({
      parentCertificate,
      time_ms,
      proposer: proposer.signer.publicKey,
      transactions: this.#waiting,
    });
    assert(block.transactions.length === this.#waiting.length, "everything submitted fits");
    this.#waiting = [];
    const checked = this.#chain.check(block, { now_ms: time_ms });
    assert(checked.ok, "a built block is good");
    const signers = options.signers ?? [0, 1, 2];
    const certificate = this.#certificate(checked.value.hash, signers);
    this.#chain.commit(checked.value, certificate);
    for (const result of checked.value.results) this.results.push({ result, time_ms });
    this.blocks.push({
      block: encodeBlock(block),
      certificate: encodeCertificate(certificate),
    });
    return this;
  }

  /** Answers as a validator's HTTP side does. */
  answer(path: string): Reply {
    const url = new URL(path, "http://validator");
    const from = Number(url.searchParams.get("from"));
    const limit = Number(url.searchParams.get("limit"));
    if (url.pathname === "/v1/status") {
      const peers = [{ id: "validator-2", connected: true, height: this.height }];
      return ok(
        utf8(JSON.stringify({ height: this.height, finalisedAt_ms: 1, mempool: 0, peers })),
      );
    }
    const page = this.blocks.slice(from - 1, from - 1 + limit);
    const writer = new ByteWriter().u8(1).u32(page.length);
    for (const { block, certificate } of page) writer.block(block).block(certificate);
    return ok(writer.finish());
  }

  #submit(unit: FakeUnit, call: { module: number; action: number; payload: Uint8Array }): this {
    this.#nonce += 1;
    const { chainId } = this.#site.genesis;
    this.#waiting.push(
      signTransaction({ chainId, ...call, nonce: this.#nonce, signer: unit.signer }),
    );
    return this;
  }

  #certificate(blockHash: Uint8Array, signers: readonly number[]): Certificate {
    const { validators, genesis } = this.#site;
    const height = this.height + 1;
    const signatures = signers.map((validator) => {
      const delay_ms = 5;
      const { chainId } = genesis;
      const commit = { chainId, epoch: 0, height, round: 0, blockHash, delay_ms };
      const signer = validators[validator]?.signer;
      assert(signer !== undefined, "signers are validators");
      return { validator, delay_ms, signature: signer.sign(commitMessage(commit)) };
    });
    return {
      form: "commit",
      height,
      round: 0,
      blockHash,
      validators: validators.length,
      signatures,
    };
  }
}
