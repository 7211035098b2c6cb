import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { type BatterySample, dataOrigins } from "@voltfog/messages";
import { type ByteReader, ByteWriter, decodeBytes } from "@voltfog/runtime";
import type { Reading } from "../sampling/battery-source.ts";

/** A sample that may not be in a frame yet, with its number: how many the vehicle had taken by then. */
export interface UnframedSample extends Reading {
  readonly number: number;
  /** The run of the agent that took it. */
  readonly boot: number;
}

/**
 * Every sample is written here before it waits for its frame, so that a killed agent loses none.
 * Not synced: a power cut may take the samples of the frame being filled, kill -9 does not.
 * When the frame is durable the file is emptied.
 */
export class UnframedSamples {
  readonly #file: number;
  #size_bytes = 0;
  #lastNumber = 0;

  private constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  }

  /** Opens the file after `recovered` was read from it; they stay until their frame is durable. */
  static open(options: { path: string; recovered: readonly UnframedSample[] }): UnframedSamples {
    const unframed = new UnframedSamples(options.path);
    unframed.#cut(0);
    for (const sample of options.recovered) unframed.append(sample);
    return unframed;
  }

  /** False when the disk refused; the sample is then only in memory until its frame is durable. */
  append(sample: UnframedSample): boolean {
    const bytes = encodeUnframed(sample);
    try {
      const written = writeSync(this.#file, bytes, 0, bytes.length, this.#size_bytes);
      if (written !== bytes.length) return false;
    } catch {
      return false;
    }
    this.#size_bytes += bytes.length;
    this.#lastNumber = sample.number;
    return true;
  }

  /** The samples up to this number are in the journal. Empties the file when it holds no later one. */
  framed(number: number): void {
    if (this.#size_bytes > 0 && number >= this.#lastNumber) this.#cut(0);
  }

  close(): void {
    closeSync(this.#file);
  }

  #cut(size_bytes: number): void {
    try {
      ftruncateSync(this.#file, size_bytes);
      this.#size_bytes = size_bytes;
    } catch {
      // The next append goes on behind what is there; its numbers tell old from new.
    }
  }
}

/** The samples in the file with a number above `after`; a torn or changed end is left out. */
export function readUnframedSamples(options: {
  path: string;
  after: number;
}): readonly UnframedSample[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(options.path);
  } catch {
    return [];
  }
  const samples: UnframedSample[] = [];
  for (let at = 0; at + head_bytes <= bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const end = at + head_bytes + view.getUint32(0);
    const body = bytes.subarray(at + head_bytes, end);
    if (end > bytes.length || crc32(body) !== view.getUint32(4)) break;
    // Before version 1 there was no version, and the number's first byte is zero.
    const isVersioned = body[0] === sampleVersion;
    const sample = decodeBytes(isVersioned ? body.subarray(1) : body, readSample);
    if (!sample.ok) break;
    if (sample.value.number > options.after) samples.push(sample.value);
    at = end;
  }
  return samples;
}

/** u32 length and u32 CRC-32 of the body that follows. */
const head_bytes = 8;
const sampleVersion = 1;

function encodeUnframed({ number, boot, origin, source, sample }: UnframedSample): Uint8Array {
  const writer = new ByteWriter()
    .u8(sampleVersion)
    .u64(number)
    .u32(boot)
    .u8(dataOrigins.indexOf(origin))
    .text(source)
    .u64(sample.wall_ms)
    .u64(sample.monotonic_ms)
    .i32(Math.round(sample.packVoltage_V * 100))
    .i32(Math.round(sample.packCurrent_A * 100))
    .u16(Math.round(sample.soc * 1000))
    .u16(sample.cellVoltage_mV.length)
    .u16(sample.temperature_degC.length);
  for (const cell_mV of sample.cellVoltage_mV) writer.u16(cell_mV);
  for (const sensor_degC of sample.temperature_degC) writer.i16(Math.round(sensor_degC * 10));
  const body = writer.finish();
  return new ByteWriter().u32(body.length).u32(crc32(body)).raw(body).finish();
}

function readSample(reader: ByteReader): UnframedSample {
  const number = reader.u64();
  const boot = reader.u32();
  const origin = dataOrigins[reader.u8()] ?? reader.fail("unknown origin");
  const source = reader.text();
  const fixed = {
    wall_ms: reader.u64(),
    monotonic_ms: reader.u64(),
    packVoltage_V: reader.i32() / 100,
    packCurrent_A: reader.i32() / 100,
    soc: reader.u16() / 1000,
  };
  const cells = reader.u16();
  const sensors = reader.u16();
  const sample: BatterySample = {
    ...fixed,
    cellVoltage_mV: Uint16Array.from({ length: cells }, () => reader.u16()),
    temperature_degC: Float32Array.from({ length: sensors }, () => reader.i16() / 10),
  };
  return { number, boot, origin, source, sample };
}
