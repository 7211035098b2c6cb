import { concatBytes, type Outcome } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { describe, expect, it, vi } from "vitest";
import { verifyInclusion } from "../log/proofs.ts";
import { leafHash } from "../log/tree-hash.ts";
import { keyIdOf } from "../modules/device-record.ts";
import { deviceName, nonceName } from "../state/names.ts";
import { verifyState } from "../state/state-proof.ts";
import { certify, createConsortium, created_ms, finalise } from "../testing/consortium.ts";
import { at, eventTx } from "../testing/transactions.ts";
import { type Block, blockMax_bytes, decodeBlock, encodeBlock } from "./block.ts";
import { encodeCertificate } from "./certificate.ts";
import { Chain } from "./chain.ts";
import { headerHash } from "./header.ts";
import { encodeResult } from "./result.ts";
import { signTransaction, transactionMax_bytes } from "./transaction.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;
const consortium = createConsortium({ crypto });
const { genesis, units, validators } = consortium;
const unit = at(units, 0);
const proposer = at(validators, 0).signer.publicKey;

function newChain(resultsKept?: number): Chain {
  return Chain.fromGenesis({
    genesis,
    crypto,
    ...(resultsKept === undefined ? {} : { resultsKept }),
  });
}

function event(n: number, sender = unit): Uint8Array {
  const eventId = crypto.sha256(Uint8Array.of(n & 255, n >> 8));
  return eventTx({ consortium, sender, nonce: n, event: { eventId } });
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? "OK" : outcome.problem.code;
}

/** A chain at height 2 and a good block for height 3. */
function ready(): { chain: Chain; block: Block; now_ms: number } {
  const chain = newChain();
  finalise({ consortium, chain, transactions: [event(1)] });
  finalise({ consortium, chain, transactions: [event(2)] });
  const now_ms = created_ms + 3000;
  const block = chain.build({
    parentCertificate: chain.head.certificate,
    time_ms: now_ms,
    proposer,
    transactions: [event(3), event(4)],
  });
  return { chain, block, now_ms };
}

describe("admitting a transaction", () => {
  it("gives its hash, sender and nonce", () => {
    const tx = event(5);
    const admitted = newChain().admit(tx);
    expect(admitted.ok && admitted.value).toEqual({
      bytes: tx,
      hash: crypto.sha256(tx),
      sender: unit.signer.publicKey,
      nonce: 5,
    });
  });

  it("is refused with a code for every reason", () => {
    const chain = newChain();
    const tx = event(1);
    const unsigned = tx.slice();
    unsigned[unsigned.length - 1] = (unsigned[unsigned.length - 1] ?? 0) ^ 1;
    const signed = (over: {
      module?: number;
      action?: number;
      payload?: Uint8Array;
      nonce?: number;
    }) =>
      signTransaction({
        chainId: genesis.chainId,
        module: 2,
        action: 1,
        nonce: 1,
        payload: tx.slice(79, -64),
        signer: unit.signer,
        ...over,
      });
    expect(signed({})).toEqual(tx);
    expect(codeOf(chain.admit(tx.slice(1)))).toBe("TX_MALFORMED");
    expect(codeOf(chain.admit(new Uint8Array()))).toBe("TX_MALFORMED");
    expect(codeOf(chain.admit(unsigned))).toBe("TX_SIGNATURE_INVALID");
    expect(codeOf(chain.admit(signed({ module: 99 })))).toBe("TX_MODULE_UNKNOWN");
    expect(codeOf(chain.admit(signed({ action: 9 })))).toBe("TX_MODULE_UNKNOWN");
    expect(codeOf(chain.admit(signed({ payload: new Uint8Array(3) })))).toBe(
      "TX_PAYLOAD_MALFORMED",
    );
    expect(codeOf(chain.admit(signed({ nonce: 0 })))).toBe("TX_NONCE_STALE");
    const other = createConsortium({ crypto, chain: "other" });
    expect(codeOf(chain.admit(eventTx({ consortium: other, sender: unit, nonce: 1 })))).toBe(
      "TX_OTHER_CHAIN",
    );
    const vehicle = at(consortium.vehicles, 0);
    expect(codeOf(chain.admit(event(1, vehicle)))).toBe("TX_SENDER_UNKNOWN");
  });

  it("allows gaps between nonces and never goes back", () => {
    const chain = newChain();
    finalise({ consortium, chain, transactions: [event(10), event(5), event(12)] });
    expect(chain.nonceOf(unit.signer.publicKey)).toBe(12);
    expect(chain.resultsSize).toBe(2);
    expect(codeOf(chain.admit(event(12)))).toBe("TX_NONCE_STALE");
    expect(codeOf(chain.admit(event(13)))).toBe("OK");
  });
});

describe("building a block", () => {
  it("skips what cannot be included and keeps the order of the rest", () => {
    const chain = newChain();
    const garbage = new Uint8Array(10);
    const block = chain.build({
      parentCertificate: undefined,
      time_ms: created_ms + 5,
      proposer,
      transactions: [garbage, event(2), event(1), event(3)],
    });
    expect(block.transactions).toEqual([event(2), event(3)]);
    expect(codeOf(chain.check(block, { now_ms: created_ms + 5 }))).toBe("OK");
  });

  it("goes on in time where the proposer's clock is behind the parent", () => {
    const chain = newChain();
    const block = chain.build({
      parentCertificate: undefined,
      time_ms: 0,
      proposer,
      transactions: [],
    });
    expect(block.header.time_ms).toBe(created_ms + 1);
  });

  it("stays within the limit of bytes, which every node reads", () => {
    const chain = newChain();
    // A checkpoint submission as large as its limits allow: a note of 4,096 bytes and 128 hashes.
    const large = Array.from({ length: 600 }, (_, i) => {
      const note = new Uint8Array(4 + 4096 + 4 + 128 * 32).fill(0x61);
      note.set([0, 0, 0x10, 0], 0);
      note.set([0, 0, 0, 128], 4100);
      return signTransaction({
        chainId: genesis.chainId,
        module: 1,
        action: 1,
        nonce: i + 1,
        payload: note,
        signer: unit.signer,
      });
    });
    const block = chain.build({
      parentCertificate: undefined,
      time_ms: created_ms + 5,
      proposer,
      transactions: large,
    });
    const bytes = encodeBlock(block);
    expect(block.transactions.length).toBeGreaterThan(400);
    expect(bytes.length).toBeLessThanOrEqual(blockMax_bytes);
    expect(bytes.length).toBeGreaterThan(blockMax_bytes - transactionMax_bytes);
    expect(codeOf(decodeBlock(bytes))).toBe("OK");
    expect(codeOf(chain.check(block, { now_ms: created_ms + 5 }))).toBe("OK");
  });
});

describe("checking a block", () => {
  it("accepts what another chain built, and changes nothing until it is committed", () => {
    const { chain, block, now_ms } = ready();
    const before = chain.head;
    const checked = chain.check(block, { now_ms });
    expect(codeOf(checked)).toBe("OK");
    expect(chain.head).toBe(before);
    expect(chain.resultsSize).toBe(2);
    expect(chain.nonceOf(unit.signer.publicKey)).toBe(2);
    if (!checked.ok) return;
    chain.commit(checked.value, certify({ consortium, header: block.header }));
    expect(chain.height).toBe(3);
    expect(chain.nonceOf(unit.signer.publicKey)).toBe(4);
    expect(chain.resultAt(3)).toEqual(checked.value.results[1]);
  });

  it("does not execute again what this chain has just built, only a copy of it", () => {
    let hashes = 0;
    const sha256: typeof crypto.sha256 = (...parts) => {
      hashes++;
      return crypto.sha256(...parts);
    };
    const chain = Chain.fromGenesis({ genesis, crypto: { ...crypto, sha256 } });
    const transactions = Array.from({ length: 20 }, (_, i) => event(i + 1));
    const time_ms = created_ms + 1000;
    const block = chain.build({ parentCertificate: undefined, time_ms, proposer, transactions });
    const counted = (one: Block): { hashes: number; hash: Uint8Array | undefined } => {
      hashes = 0;
      const checked = chain.check(one, { now_ms: time_ms });
      return { hashes, hash: checked.ok ? checked.value.hash : undefined };
    };
    const [own, copy] = [counted(block), counted({ ...block })];
    expect(own.hash).toEqual(copy.hash);
    expect(own.hash).toBeDefined();
    expect(own.hashes).toBeLessThan(5);
    expect(copy.hashes).toBeGreaterThan(40);
  });

  it("refuses every changed header field with its code", () => {
    const { chain, block, now_ms } = ready();
    const zeros = new Uint8Array(32);
    const codeWith = (over: Partial<Block["header"]>): string =>
      codeOf(chain.check({ ...block, header: { ...block.header, ...over } }, { now_ms }));
    expect(codeWith({})).toBe("OK");
    expect(codeWith({ chainId: zeros })).toBe("BLOCK_OTHER_CHAIN");
    expect(codeWith({ height: 4 })).toBe("BLOCK_OTHER_HEIGHT");
    expect(codeWith({ epoch: 1 })).toBe("BLOCK_OTHER_EPOCH");
    expect(codeWith({ parent: zeros })).toBe("BLOCK_OTHER_PARENT");
    expect(codeWith({ parentCertificateHash: zeros })).toBe("BLOCK_PARENT_CERTIFICATE");
    expect(codeWith({ proposer: zeros })).toBe("BLOCK_PROPOSER");
    expect(codeWith({ txRoot: zeros })).toBe("BLOCK_TX_ROOT");
    expect(codeWith({ resultsSize: 5 })).toBe("BLOCK_RESULTS");
    expect(codeWith({ resultsRoot: zeros })).toBe("BLOCK_RESULTS");
    expect(codeWith({ stateRoot: zeros })).toBe("BLOCK_STATE_ROOT");
    expect(codeWith({ nextValidatorsHash: zeros })).toBe("BLOCK_VALIDATORS");
  });

  it("wants a time after the parent's and at most two seconds ahead of its own clock", () => {
    const { chain, block } = ready();
    const { time_ms } = block.header;
    expect(codeOf(chain.check(block, { now_ms: time_ms - 2000 }))).toBe("OK");
    expect(codeOf(chain.check(block, { now_ms: time_ms - 2001 }))).toBe("BLOCK_TIME");
    const early = { ...block, header: { ...block.header, time_ms: created_ms + 2000 } };
    expect(codeOf(chain.check(early, { now_ms: time_ms }))).toBe("BLOCK_TIME");
  });

  it("refuses a block with a transaction that cannot be included", () => {
    const { chain, block, now_ms } = ready();
    for (const stray of [event(2), new Uint8Array(5), event(9, at(consortium.vehicles, 0))]) {
      const transactions = [...block.transactions, stray];
      expect(codeOf(chain.check({ ...block, transactions }, { now_ms }))).toBe("BLOCK_TRANSACTION");
    }
    const fewer = { ...block, transactions: block.transactions.slice(1) };
    expect(codeOf(chain.check(fewer, { now_ms }))).toBe("BLOCK_TX_ROOT");
  });

  it("takes any good certificate of its parent, and only a good one", () => {
    const { chain, now_ms } = ready();
    const { header } = chain.head;
    const codeWith = (certificate: ReturnType<typeof certify> | undefined): string => {
      const block = chain.build({
        parentCertificate: certificate,
        time_ms: now_ms,
        proposer,
        transactions: [],
      });
      return codeOf(chain.check(block, { now_ms }));
    };
    expect(codeWith(certify({ consortium, header, signers: [1, 2, 3] }))).toBe("OK");
    expect(codeWith(certify({ consortium, header, signers: [0, 1, 2, 3], round: 4 }))).toBe("OK");
    expect(codeWith(certify({ consortium, header, signers: [1, 2] }))).toBe(
      "BLOCK_PARENT_CERTIFICATE",
    );
    expect(codeWith(undefined)).toBe("BLOCK_PARENT_CERTIFICATE");
    const first = newChain();
    const early = first.build({
      parentCertificate: certify({ consortium, header }),
      time_ms: created_ms + 1,
      proposer,
      transactions: [],
    });
    expect(codeOf(first.check(early, { now_ms }))).toBe("BLOCK_PARENT_CERTIFICATE");
  });

  it("refuses more transactions or bytes than the limits", () => {
    const { chain, block, now_ms } = ready();
    const many = { ...block, transactions: new Array<Uint8Array>(4097).fill(event(9)) };
    expect(codeOf(chain.check(many, { now_ms }))).toBe("BLOCK_TOO_LARGE");
    const large = { ...block, transactions: [new Uint8Array(blockMax_bytes)] };
    expect(codeOf(chain.check(large, { now_ms }))).toBe("BLOCK_TOO_LARGE");
  });
});

describe("committing", () => {
  it("takes only what this chain checked against its head, with that block's certificate", () => {
    const { chain, block, now_ms } = ready();
    const checked = chain.check(block, { now_ms });
    const rival = chain.check(
      chain.build({
        parentCertificate: chain.head.certificate,
        time_ms: now_ms + 1,
        proposer,
        transactions: [],
      }),
      { now_ms },
    );
    if (!checked.ok || !rival.ok) throw new Error("both blocks are good");
    const certificate = certify({ consortium, header: block.header });
    expect(() => chain.commit(rival.value, certificate)).toThrow("certificate is of this block");
    expect(() => chain.commit({ ...checked.value }, certificate)).toThrow("check gave");
    chain.commit(checked.value, certificate);
    const late = certify({ consortium, header: rival.value.block.header });
    expect(() => chain.commit(rival.value, late)).toThrow("follows the head");
  });
});

describe("following final blocks", () => {
  it("reaches the same head from bytes alone", () => {
    const leader = newChain();
    const follower = newChain();
    for (let n = 1; n <= 4; n++) {
      const { bytes } = finalise({ consortium, chain: leader, transactions: [event(n)] });
      expect(codeOf(follower.follow(bytes))).toBe("OK");
    }
    expect(follower.head).toEqual(leader.head);
  });

  it("refuses a block without a quorum, of another height or malformed", () => {
    const leader = newChain();
    const follower = newChain();
    const first = finalise({ consortium, chain: leader }).bytes;
    const second = finalise({ consortium, chain: leader });
    const { header } = second.checked.block;
    const weak = encodeCertificate(certify({ consortium, header, signers: [0, 1] }));
    expect(codeOf(follower.follow(second.bytes))).toBe("BLOCK_OTHER_HEIGHT");
    expect(codeOf(follower.follow({ ...first, certificate: second.bytes.certificate }))).toBe(
      "CERTIFICATE_OTHER_HEIGHT",
    );
    expect(codeOf(follower.follow({ ...first, block: new Uint8Array(3) }))).toBe("BLOCK_MALFORMED");
    expect(codeOf(follower.follow({ ...first, certificate: new Uint8Array(3) }))).toBe(
      "CERTIFICATE_MALFORMED",
    );
    expect(codeOf(follower.follow(first))).toBe("OK");
    expect(codeOf(follower.follow({ ...second.bytes, certificate: weak }))).toBe(
      "CERTIFICATE_BELOW_QUORUM",
    );
    expect(follower.height).toBe(1);
  });
});

describe("proofs from the head", () => {
  it("show any result, also old ones, in the newest header", () => {
    const chain = newChain();
    for (let n = 1; n <= 9; n++) finalise({ consortium, chain, transactions: [event(n)] });
    const { header } = chain.head;
    for (let index = 0; index < 9; index++) {
      const result = chain.resultAt(index);
      if (result === undefined) throw new Error(`result ${index} is kept`);
      const leaf = leafHash(encodeResult(result), crypto);
      const { resultsSize: size, resultsRoot: root } = header;
      const path = chain.resultPath({ index, size });
      expect(verifyInclusion({ leaf, index, size, path, root, crypto })).toBe(true);
    }
    expect(chain.resultAt(9)).toBeUndefined();
    expect(chain.resultAt(-1)).toBeUndefined();
  });

  it("show presence and absence of a name", () => {
    const chain = newChain();
    finalise({ consortium, chain, transactions: [event(1)] });
    const root = chain.head.header.stateRoot;
    for (const name of [
      deviceName(keyIdOf(unit.signer.publicKey, crypto)),
      nonceName(unit.signer.publicKey),
      nonceName(proposer),
    ]) {
      const { value, proof } = chain.stateProof(name);
      expect(verifyState({ root, claims: [{ name, value }], proof, crypto })).toBe(true);
    }
    expect(chain.stateProof(nonceName(proposer)).value).toBeUndefined();
  });

  it("need an old result's bytes from elsewhere, and take only the right ones", () => {
    const chain = newChain(2);
    const all = Array.from({ length: 7 }, (_, i) => {
      const { checked } = finalise({ consortium, chain, transactions: [event(i + 1)] });
      return at(checked.results, 0);
    });
    expect(chain.resultAt(0)).toBeUndefined();
    expect(chain.resultAt(6)).toEqual(all[6]);
    const wanted = { results: [0], names: [] };
    expect(chain.evidence(wanted)).toBeUndefined();
    expect(chain.evidence({ ...wanted, known: new Map([[0, at(all, 1)]]) })).toBeUndefined();
    const evidence = chain.evidence({ ...wanted, known: new Map([[0, at(all, 0)]]) });
    expect(evidence?.results[0]?.result).toEqual(all[0]);
  });
});

it("the genesis block follows from the genesis file", () => {
  const { head } = newChain();
  expect(head.header.height).toBe(0);
  expect(head.header.time_ms).toBe(created_ms);
  expect(head.hash).toEqual(headerHash(head.header, crypto));
  expect(concatBytes(head.header.parent, head.header.proposer)).toEqual(new Uint8Array(64));
});
