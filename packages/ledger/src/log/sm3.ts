/**
 * SM3 (GB/T 32905-2016; also ISO/IEC 10118-3:2018), 32 bytes, of the concatenated parts: in plain
 * TypeScript, for browsers too. Step numbers are those of the standard's clause 5.
 */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const message = padded(parts);
  const view = new DataView(message.buffer);
  const state = Uint32Array.from(initial);
  const words = new Uint32Array(68);
  for (let at = 0; at < message.length; at += block_bytes) {
    expand(view, at, words);
    compress(state, words);
  }
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (const [i, word] of state.entries()) out.setUint32(4 * i, word);
  return digest;
}

const block_bytes = 64;
/** The initial value, clause 4.1. */
const initial: readonly number[] = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];

/** A one bit, zeros, and the length in bits in eight bytes: whole blocks. */
function padded(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const blocks = Math.ceil((length + 9) / block_bytes);
  const message = new Uint8Array(blocks * block_bytes);
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  message[length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(message.length - 4, (length << 3) >>> 0);
  return message;
}

/** The 68 words of a block, clause 5.3.2; the other 64 are pairs of these. */
function expand(view: DataView, at: number, words: Uint32Array): void {
  const word = (i: number): number => words[i] as number;
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + 4 * i);
  for (let i = 16; i < 68; i++) {
    const mixed = word(i - 16) ^ word(i - 9) ^ rotated(word(i - 3), 15);
    words[i] = diffuse1(mixed) ^ rotated(word(i - 13), 7) ^ word(i - 6);
  }
}

/** The compression function, clause 5.3.3. */
function compress(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let j = 0; j < 64; j++) {
    const a12 = rotated(a, 12);
    const constant = j < 16 ? 0x79cc4519 : 0x7a879d8a;
    const ss1 = rotated((a12 + e + rotated(constant, j % 32)) | 0, 7);
    const ss2 = ss1 ^ a12;
    const early = j < 16;
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
    const word = words[j] as number;
    const tt1 = (ff + d + ss2 + (word ^ (words[j + 4] as number))) | 0;
    const tt2 = (gg + h + ss1 + word) | 0;
    d = c;
    c = rotated(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotated(f, 19);
    f = e;
    e = diffuse0(tt2);
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) {
    state[i] = (state[i] as number) ^ value;
  }
}

type Eight = [number, number, number, number, number, number, number, number];

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function diffuse0(word: number): number {
  return word ^ rotated(word, 9) ^ rotated(word, 17);
}

function diffuse1(word: number): number {
  return word ^ rotated(word, 15) ^ rotated(word, 23);
}
