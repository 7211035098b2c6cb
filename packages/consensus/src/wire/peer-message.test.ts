import fc from "fast-check";
import { expect, test } from "vitest";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { brokenLaw } from "../testing/codec-law.ts";
import {
  decodeHello,
  decodePeerProof,
  encodeHello,
  encodePeerProof,
  type Hello,
  handshakeMax_bytes,
  signHello,
  verifyHello,
} from "./handshake.ts";
import { decodePeerMessage, encodePeerMessage, type PeerMessage } from "./peer-message.ts";

const bytes = fc.uint8Array({ maxLength: 60 });
const id = fc.uint8Array({ minLength: 32, maxLength: 32 });
const piece = fc.oneof(fc.constant("plan" as const), fc.nat(0xfffffffe));
const message: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({
    type: fc.constant("transactions" as const),
    transactions: fc.array(bytes, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant("height" as const), height: fc.maxSafeNat() }),
  fc.record({
    type: fc.constant("block-request" as const),
    from: fc.maxSafeNat(),
    limit: fc.nat(65_535),
  }),
  fc.record({
    type: fc.constant("blocks" as const),
    blocks: fc.array(fc.record({ block: bytes, certificate: bytes }), { maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant("snapshot-offer" as const),
    id,
    height: fc.maxSafeNat(),
    first: fc.maxSafeNat(),
  }),
  fc.record({ type: fc.constant("snapshot-request" as const), id, piece }),
  fc.record({ type: fc.constant("snapshot-part" as const), id, piece, bytes }),
  fc.record({ type: fc.constant("seat-request" as const), change: bytes }),
  fc.record({ type: fc.constant("ping" as const), number: fc.nat(0xffffffff), padding: bytes }),
  fc.record({
    type: fc.constant("pong" as const),
    number: fc.nat(0xffffffff),
    wall_ms: fc.maxSafeNat(),
    paused_ms: fc.maxSafeNat(),
  }),
  fc.constant<PeerMessage>({
    type: "vote",
    message: {
      type: "prepare",
      height: 3,
      round: 1,
      voter: 2,
      digest: new Uint8Array(32).fill(1),
      signature: new Uint8Array(64).fill(2),
    },
  }),
);

test("what validators send each other has one encoding, and nothing else reads as it", () => {
  fc.assert(
    fc.property(message, (value) => {
      const encoded = encodePeerMessage(value);
      const law = brokenLaw({
        bytes: encoded,
        encode: encodePeerMessage,
        decode: decodePeerMessage,
      });
      expect(law).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});

test("any bytes from a peer get a verdict", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      expect(typeof decodePeerMessage(any).ok).toBe("boolean");
      expect(typeof decodeHello(any).ok).toBe("boolean");
      expect(typeof decodePeerProof(any).ok).toBe("boolean");
    }),
  );
});

const hello = (voter: number, fill: number): Hello => ({
  chainId: new Uint8Array(32).fill(7),
  id: `validator-${voter}`,
  voteKey: new Uint8Array(32).fill(voter),
  challenge: new Uint8Array(32).fill(fill),
});

test("a hello has one encoding, and nothing else reads as it", () => {
  const law = brokenLaw({
    bytes: encodeHello(hello(3, 9)),
    encode: encodeHello,
    decode: decodeHello,
  });
  expect(law).toBeUndefined();
});

const succession = {
  oldKey: new Uint8Array(32).fill(1),
  newKey: new Uint8Array(32).fill(2),
  oldSignature: new Uint8Array(64).fill(3),
  newSignature: new Uint8Array(64).fill(4),
};

test("a proof has one encoding, within the limit; without a succession it is the signature alone", () => {
  const signature = new Uint8Array(64).fill(5);
  const whole = encodePeerProof({ signature, succession });
  expect(whole.length).toBe(handshakeMax_bytes);
  for (let end = 0; end <= whole.length; end++) {
    const cut = decodePeerProof(whole.subarray(0, end));
    expect(cut.ok, `${end} bytes`).toBe(end === 64 || end === whole.length);
    if (cut.ok) expect(encodePeerProof(cut.value)).toEqual(whole.slice(0, end));
  }
  expect(encodePeerProof({ signature, succession: undefined })).toEqual(signature);
  expect(decodePeerProof(new Uint8Array([...whole, 0])).ok).toBe(false);
});

test("a proof serves one key, one role and one pair of challenges", () => {
  const signer = simulatedSigner(1);
  const own = hello(1, 1);
  const other = hello(2, 2);
  const signature = signHello({ role: "dialler", own, other, signer });
  const good = {
    role: "dialler" as const,
    own,
    other,
    signature,
    publicKey: signer.publicKey,
    crypto: simulatedCrypto,
  };
  expect(verifyHello(good)).toBe(true);
  expect(verifyHello({ ...good, role: "listener" })).toBe(false);
  expect(verifyHello({ ...good, own: hello(1, 3) })).toBe(false);
  expect(verifyHello({ ...good, other: hello(2, 3) })).toBe(false);
  expect(verifyHello({ ...good, own: other, other: own })).toBe(false);
  expect(verifyHello({ ...good, publicKey: simulatedSigner(2).publicKey })).toBe(false);
  const otherChain = { ...other, chainId: new Uint8Array(32) };
  expect(verifyHello({ ...good, other: otherChain })).toBe(false);
});
