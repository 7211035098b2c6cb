import type { BitReader } from "./bit-reader.ts";
import type { BitWriter } from "./bit-writer.ts";
import { fromZigzag, greatestCommonDivisor, riceParameter, toZigzag } from "./rice.ts";

/** In 0.1 °C: what 16 bits hold. */
export const temperatureMax = 32_767;

/**
 * How the temperatures of a frame are coded; a function of them, so that a reader can check it. Readings
 * are counted in steps from the coldest one of the first sample.
 */
interface TemperaturePlan {
  readonly coldest: number;
  /** Greatest common divisor of all differences; 0 where every reading is the same. */
  readonly step: number;
  /** Rice's parameters: of the first sample's readings, of the runs, of the changes. */
  readonly parameters: readonly [number, number, number];
}

const parameterMax = 15;

/**
 * Writes the readings of all samples, sample after sample, in 0.1 °C: the first sample as distances from
 * its coldest reading, then how many readings in a row stay what they were, the change that ends the
 * run, and so on.
 */
export function writeTemperatures(writer: BitWriter, readings: Int32Array, sensors: number): void {
  if (sensors === 0) return;
  const plan = planTemperatures(readings, sensors);
  writer.number(toZigzag(plan.coldest));
  writer.number(plan.step);
  if (plan.step === 0) return;
  for (const parameter of plan.parameters) writer.bits(parameter, 4);
  const [first, runs, changes] = plan.parameters;
  for (let i = 0; i < sensors; i++) {
    writer.rice(((readings[i] as number) - plan.coldest) / plan.step, first);
  }
  for (let from = sensors; from < readings.length; ) {
    const end = endOfRun(readings, from, sensors);
    writer.rice(end - from, runs);
    if (end < readings.length) writer.rice(changeCode(readings, end, sensors, plan.step), changes);
    from = end + 1;
  }
}

/** Reads so many readings, `sensors` per sample, into a new array. */
export function readTemperatures(
  reader: BitReader,
  options: { sensors: number; samples: number },
): Int32Array {
  const { sensors } = options;
  const readings = new Int32Array(sensors * options.samples);
  if (sensors === 0) return readings;
  const coldest = inRange(reader, fromZigzag(reader.number()));
  const step = reader.number();
  if (step === 0) return readings.fill(coldest);
  const parameters = [reader.bits(4), reader.bits(4), reader.bits(4)] as const;
  const [first, runs, changes] = parameters;
  for (let i = 0; i < sensors; i++) {
    readings[i] = inRange(reader, coldest + step * reader.rice(first));
  }
  for (let from = sensors; from < readings.length; ) {
    const end = from + reader.rice(runs);
    if (end > readings.length) reader.fail("a run of temperatures is too long");
    for (let i = from; i < end; i++) readings[i] = readings[i - sensors] as number;
    if (end < readings.length) {
      const change = step * changeOf(reader.rice(changes));
      readings[end] = inRange(reader, (readings[end - sensors] as number) + change);
    }
    from = end + 1;
  }
  checkPlan(reader, { plan: { coldest, step, parameters }, readings, sensors });
  return readings;
}

function checkPlan(
  reader: BitReader,
  read: { plan: TemperaturePlan; readings: Int32Array; sensors: number },
): void {
  const plan = planTemperatures(read.readings, read.sensors);
  const same = plan.parameters.every((parameter, i) => parameter === read.plan.parameters[i]);
  if (!same || plan.coldest !== read.plan.coldest || plan.step !== read.plan.step) {
    reader.fail("the temperatures are not in their canonical form");
  }
}

function planTemperatures(readings: Int32Array, sensors: number): TemperaturePlan {
  const coldest = readings.subarray(0, sensors).reduce((low, value) => Math.min(low, value));
  const step = stepOf(readings, { sensors, coldest });
  if (step === 0) return { coldest, step, parameters: [0, 0, 0] };
  let distanceSum = 0;
  for (let i = 0; i < sensors; i++) distanceSum += ((readings[i] as number) - coldest) / step;
  const run = { sum: 0, count: 0 };
  const change = { sum: 0, count: 0 };
  for (let from = sensors; from < readings.length; ) {
    const end = endOfRun(readings, from, sensors);
    run.sum += end - from;
    run.count++;
    if (end < readings.length) {
      change.sum += changeCode(readings, end, sensors, step);
      change.count++;
    }
    from = end + 1;
  }
  const max = parameterMax;
  return {
    coldest,
    step,
    parameters: [
      riceParameter({ sum: distanceSum, count: sensors, max }),
      riceParameter({ ...run, max }),
      riceParameter({ ...change, max }),
    ],
  };
}

/** Every later reading differs from the coldest by a sum of distances and changes that are looked at. */
function stepOf(readings: Int32Array, o: { sensors: number; coldest: number }): number {
  const { sensors, coldest } = o;
  let step = 0;
  for (let i = 0; i < sensors; i++) {
    step = greatestCommonDivisor(step, (readings[i] as number) - coldest);
  }
  for (let i = sensors; i < readings.length; i++) {
    const change = (readings[i] as number) - (readings[i - sensors] as number);
    if (change !== 0) step = greatestCommonDivisor(step, change);
  }
  return step;
}

/** The first reading from `from` on that differs from its sensor's last one; the length if none does. */
function endOfRun(readings: Int32Array, from: number, sensors: number): number {
  let i = from;
  while (i < readings.length && readings[i] === readings[i - sensors]) i++;
  return i;
}

/** +1, −1, +2 … steps become 0, 1, 2 …; no change has no code, since it would not end a run. */
function changeCode(readings: Int32Array, i: number, sensors: number, step: number): number {
  const change = ((readings[i] as number) - (readings[i - sensors] as number)) / step;
  return change > 0 ? 2 * change - 2 : -2 * change - 1;
}

function changeOf(code: number): number {
  return code % 2 === 0 ? code / 2 + 1 : -(code + 1) / 2;
}

function inRange(reader: BitReader, reading: number): number {
  if (Math.abs(reading) > temperatureMax) reader.fail("a temperature is out of range");
  return reading;
}
