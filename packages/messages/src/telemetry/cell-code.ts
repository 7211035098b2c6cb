import type { BitReader } from "./bit-reader.ts";
import type { BitWriter } from "./bit-writer.ts";
import { type CellPredictor, slopeMax } from "./cell-predictor.ts";
import { escapeZeros, riceParameter } from "./rice.ts";

/** Largest parameter of Rice's code for cells; with it a code fits into 32 bits. */
const parameterMax = 15;
/** A difference of two 16-bit voltages with its sign. */
const escapeBits = 17;
/** Where the differences of parameters begin: cells of a pack lie some 10 mV apart. */
export const startParameter = 4;

/** No cell takes more. */
export const cellMaxBits: number = escapeZeros + escapeBits;

/** The mean of the cells, rounded to the nearest, half up. */
export function meanOf(sum: number, cells: number): number {
  return Math.floor((2 * sum + cells) / (2 * cells));
}

/**
 * Writes the cells of one sample whose mean the reader knows: Rice's parameter as a difference to the
 * last sample's, then per cell the error of its prediction. The likelier sign, which is the side on which
 * the prediction was rounded off, takes the shorter code. Returns the parameter.
 */
export function writeCells(options: {
  writer: BitWriter;
  predictor: CellPredictor;
  cells: Uint16Array;
  mean_mV: number;
  lastParameter: number;
  /** Room for one number per cell. */
  codes: Int32Array;
}): number {
  const { writer, predictor, cells, codes } = options;
  predictor.next(options.mean_mV);
  const sum = learn({ predictor, cells, mean_mV: options.mean_mV, codes });
  const k = riceParameter({ sum, count: cells.length, max: parameterMax });
  writer.bits(1, parameterCode(k, options.lastParameter) + 1);
  const low = (1 << k) - 1;
  for (let i = 0; i < cells.length; i++) {
    const z = codes[i] as number;
    const zeros = z >>> k;
    if (zeros < escapeZeros) {
      writer.bits((1 << k) | (z & low), zeros + 1 + k);
    } else {
      writer.bits(0, escapeZeros);
      writer.bits(z, escapeBits);
    }
  }
  return k;
}

/** Works out every cell's code and moves the predictor on; gives the sum of the codes. */
function learn(options: {
  predictor: CellPredictor;
  cells: Uint16Array;
  mean_mV: number;
  codes: Int32Array;
}): number {
  const { cells, codes } = options;
  const { offset, slope, moved, offsetGain, slopeGain, heedMax } = options.predictor;
  const base = options.mean_mV << 8;
  let sum = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell_mV = cells[i] as number;
    const share = slope[i] as number;
    const predicted = base + (offset[i] as number) + (Math.imul(share, moved) >> 8);
    const rounded_mV = roundedVoltage_mV(predicted);
    const error = predicted >= rounded_mV << 8 ? cell_mV - rounded_mV : rounded_mV - cell_mV;
    const z = error > 0 ? 2 * error - 1 : -2 * error;
    codes[i] = z;
    sum += z;
    const heeded = limited((cell_mV << 8) - predicted, heedMax);
    offset[i] = (offset[i] as number) + ((Math.imul(offsetGain, heeded) + 8192) >> 14);
    slope[i] = limited(share + ((Math.imul(slopeGain, heeded) + 2048) >> 12), slopeMax);
  }
  return sum;
}

/**
 * Reads the cells of one sample into `cells`; gives the parameter. Fails on a voltage outside 16 bits, a
 * parameter or an escape that is not the canonical one, and on cells whose mean is another.
 */
export function readCells(options: {
  reader: BitReader;
  predictor: CellPredictor;
  cells: Uint16Array;
  mean_mV: number;
  lastParameter: number;
}): number {
  const { reader, predictor, cells, mean_mV } = options;
  predictor.next(mean_mV);
  const k = readParameter(reader, options.lastParameter);
  const { offset, slope, moved, offsetGain, slopeGain, heedMax } = predictor;
  const { bytes, view } = reader;
  const base = mean_mV << 8;
  const tail = 31 - k;
  let position = reader.position;
  let codeSum = 0;
  let sum_mV = 0;
  let outside = 0;
  for (let i = 0; i < cells.length; i++) {
    // The window of BitReader, unrolled: this loop is where a unit spends its time. Signs are masks of
    // 0 or −1, since noise takes every branch on one by chance.
    const at = position >>> 3;
    const shift = position & 7;
    const window = (view.getUint32(at) << shift) | ((bytes[at + 4] as number) >>> (8 - shift));
    const zeros = Math.clz32(window);
    let z: number;
    if (zeros < escapeZeros) {
      z = (zeros << k) | (((window << (zeros + 1)) >>> 1) >>> tail);
      position += zeros + 1 + k;
    } else {
      z = readEscape(reader, { position, k });
      position += cellMaxBits;
    }
    codeSum += z;

    const share = slope[i] as number;
    const predicted = (base + (offset[i] as number) + (Math.imul(share, moved) >> 8)) | 0;
    const rounded_mV = roundedVoltage_mV(predicted);
    // Odd codes lie on the side on which the prediction was rounded off.
    const sign = ((z & 1) - 1) ^ ((predicted - (rounded_mV << 8)) >> 31);
    const cell_mV = (rounded_mV + ((((z + 1) >> 1) ^ sign) - sign)) | 0;
    outside |= cell_mV;
    sum_mV += cell_mV;
    cells[i] = cell_mV;
    const heeded = limited(((cell_mV << 8) - predicted) | 0, heedMax);
    offset[i] = (offset[i] as number) + ((Math.imul(offsetGain, heeded) + 8192) >> 14);
    slope[i] = limited((share + ((Math.imul(slopeGain, heeded) + 2048) >> 12)) | 0, slopeMax);
  }
  if (position > reader.end) reader.fail("the bits end within the cells");
  if ((outside & ~0xffff) !== 0) reader.fail("a cell's voltage is out of range");
  if (meanOf(sum_mV, cells.length) !== mean_mV) reader.fail("the cells have another mean");
  reader.position = position;
  if (riceParameter({ sum: codeSum, count: cells.length, max: parameterMax }) !== k) {
    reader.fail("a sample's parameter is not the canonical one");
  }
  return k;
}

function readEscape(reader: BitReader, code: { position: number; k: number }): number {
  reader.position = code.position;
  reader.bits(escapeZeros);
  const z = reader.bits(escapeBits);
  if (z >>> code.k < escapeZeros) reader.fail("an escape that was not needed");
  return z;
}

function readParameter(reader: BitReader, last: number): number {
  const code = reader.unary(2 * parameterMax);
  const k = (code & 1) === 1 ? last + ((code + 1) >> 1) : last - (code >> 1);
  if (k < 0 || k > parameterMax) reader.fail("no such parameter");
  return k;
}

function parameterCode(k: number, last: number): number {
  return k > last ? 2 * (k - last) - 1 : 2 * (last - k);
}

/** A prediction in 1/256 mV to the nearest mV, half up, within 16 bits. */
function roundedVoltage_mV(predicted: number): number {
  return Math.max(0, Math.min(65_535, (predicted + 128) >> 8));
}

function limited(value: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, value));
}
