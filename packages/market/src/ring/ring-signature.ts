import * as noble from "@noble/curves/secp256k1.js";
import {
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";

/**
 * A linkable spontaneous anonymous group signature over secp256k1: one of the ring's keys signed, nobody
 * learns which, and two signatures of one key in one context have the same image. After J. Liu, V. Wei,
 * D. Wong, "Linkable Spontaneous Anonymous Group Signature for Ad Hoc Groups", ACISP 2004, with the base of
 * the image hashed from the context instead of the ring, so that a key links across rings of one context and
 * across contexts not at all.
 */
export interface RingSignature {
  /** Of the key that signed in this context, 33 bytes compressed. */
  readonly image: Uint8Array;
  /** 32 bytes, the challenge before the ring's first key. */
  readonly challenge: Uint8Array;
  /** 32 bytes for each key, in the ring's order. */
  readonly responses: readonly Uint8Array[];
}

/** What is signed, by whom, and within what a key counts once. */
export interface RingStatement {
  /** 1 to 16 compressed keys, 33 bytes each; a ring of one hides nobody. */
  readonly ring: readonly Uint8Array[];
  readonly context: Uint8Array;
  readonly message: Uint8Array;
}

const { secp256k1 } = noble;
type Point = InstanceType<typeof secp256k1.Point>;

export const ringMin = 1;
export const ringMax = 16;
const { Point } = secp256k1;
const order = Point.Fn.ORDER;
const challengeDomain = utf8("voltfog/ring/1\n");
const nonceDomain = utf8("voltfog/ring-nonce/1\n");
const baseDomain = "VOLTFOG-RING-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_";

/** Whether 33 bytes are a key: a compressed point of the curve. */
export function isRingKey(key: Uint8Array): boolean {
  return pointOf(key) !== undefined;
}

/** The key of a secret of 32 bytes. */
export function ringKeyOf(secret: Uint8Array): Uint8Array {
  return secp256k1.getPublicKey(secret, true);
}

/**
 * Signs with the secret of one key of the ring; undefined where it is none of them. Deterministic: what must
 * not be guessed follows from the secret and the statement. Costs four multiplications for each key.
 */
export function signRing(options: {
  statement: RingStatement;
  secret: Uint8Array;
  crypto: Crypto;
}): RingSignature | undefined {
  const { statement, secret, crypto } = options;
  const points = statement.ring.map(pointOf);
  const own = statement.ring.findIndex((key) => equalBytes(key, ringKeyOf(secret)));
  if (own < 0) return undefined;
  const x = Point.Fn.fromBytes(secret);
  const base = baseOf(statement.context);
  const image = base.multiply(x);
  const digest = digestOf(statement, image.toBytes(true), crypto);
  const n = points.length;
  const nonce = (i: number): bigint => {
    const seed = new ByteWriter().raw(nonceDomain).raw(secret).raw(digest).u32(i).finish();
    return scalarOf(seed, crypto);
  };
  const responses = points.map((_, i) => nonce(i));
  const u = nonce(n);
  const challenges: bigint[] = [];
  let next = challengeOf({ digest, left: Point.BASE.multiply(u), right: base.multiply(u), crypto });
  for (let step = 1; step < n; step++) {
    const i = (own + step) % n;
    challenges[i] = next;
    const key = points[i];
    const response = responses[i];
    if (key === undefined || response === undefined) return undefined;
    next = challengeOf({
      digest,
      ...linked({ key, response, challenge: next, base, image }),
      crypto,
    });
  }
  challenges[own] = next;
  responses[own] = Point.Fn.create(u - x * next);
  const first = challenges[0] ?? 0n;
  return {
    image: image.toBytes(true),
    challenge: Point.Fn.toBytes(first),
    responses: responses.map((one) => Point.Fn.toBytes(one)),
  };
}

/**
 * Whether a key of the ring signed the statement. Any bytes get a verdict. Costs four multiplications for
 * each key, about 3 ms.
 */
export function verifyRing(options: {
  statement: RingStatement;
  signature: RingSignature;
  crypto: Crypto;
}): boolean {
  const { statement, signature, crypto } = options;
  const { ring } = statement;
  if (ring.length < ringMin || ring.length > ringMax) return false;
  if (signature.responses.length !== ring.length) return false;
  const image = pointOf(signature.image);
  const first = scalarFrom(signature.challenge);
  if (image === undefined || first === undefined) return false;
  const base = baseOf(statement.context);
  const digest = digestOf(statement, signature.image, crypto);
  let challenge = first;
  for (const [i, bytes] of ring.entries()) {
    const key = pointOf(bytes);
    const response = scalarFrom(signature.responses[i] ?? new Uint8Array());
    if (key === undefined || response === undefined) return false;
    challenge = challengeOf({
      digest,
      ...linked({ key, response, challenge, base, image }),
      crypto,
    });
  }
  return challenge === first;
}

/** s·G + c·P and s·h + c·I, which tie the key and its image to one secret. */
function linked(step: {
  key: Point;
  response: bigint;
  challenge: bigint;
  base: Point;
  image: Point;
}): { left: Point; right: Point } {
  const { key, response, challenge, base, image } = step;
  return {
    left: times(Point.BASE, response).add(times(key, challenge)),
    right: times(base, response).add(times(image, challenge)),
  };
}

/** Of public values only. */
function times(point: Point, scalar: bigint): Point {
  return point.multiplyUnsafe(scalar);
}

/** The base of images in a context: a point of which nobody knows the logarithm (RFC 9380). */
function baseOf(context: Uint8Array): Point {
  return noble.secp256k1_hasher.hashToCurve(context, { DST: baseDomain });
}

/** Everything that each challenge covers. */
function digestOf(
  { ring, context, message }: RingStatement,
  image: Uint8Array,
  crypto: Crypto,
): Uint8Array {
  const writer = new ByteWriter().raw(challengeDomain).u32(ring.length);
  for (const key of ring) writer.raw(key);
  return crypto.sha256(writer.block(context).block(message).raw(image).finish());
}

function challengeOf(step: {
  digest: Uint8Array;
  left: Point;
  right: Point;
  crypto: Crypto;
}): bigint {
  const { digest, left, right, crypto } = step;
  return scalarOf(
    new ByteWriter().raw(digest).raw(bytesOf(left)).raw(bytesOf(right)).finish(),
    crypto,
  );
}

/** 33 bytes; all zero for the point at infinity, which honest signatures never meet. */
function bytesOf(point: Point): Uint8Array {
  return point.is0() ? new Uint8Array(33) : point.toBytes(true);
}

/** Two hashes modulo the order, so no value is likelier than another by more than 2^−256. */
function scalarOf(bytes: Uint8Array, crypto: Crypto): bigint {
  const high = crypto.sha256(bytes, Uint8Array.of(0));
  const low = crypto.sha256(bytes, Uint8Array.of(1));
  let value = 0n;
  for (const byte of [...high, ...low]) value = (value << 8n) | BigInt(byte);
  const scalar = value % order;
  return scalar === 0n ? 1n : scalar;
}

function scalarFrom(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== 32) return undefined;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value < order ? value : undefined;
}

function pointOf(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== 33) return undefined;
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined; // Not on the curve.
  }
}

/** raw33 image · raw32 challenge · u8 count · raw32 responses. */
export function encodeRingSignature({ image, challenge, responses }: RingSignature): Uint8Array {
  const writer = new ByteWriter().raw(image).raw(challenge).u8(responses.length);
  for (const response of responses) writer.raw(response);
  return writer.finish();
}

export function decodeRingSignature(bytes: Uint8Array): Outcome<RingSignature, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const image = reader.raw(33);
    const challenge = reader.raw(32);
    const count = reader.u8();
    if (count < ringMin || count > ringMax) reader.fail(`ring of ${count}`);
    return { image, challenge, responses: Array.from({ length: count }, () => reader.raw(32)) };
  });
}
