import type { BitReader } from "./bit-reader.ts";
import type { BitWriter } from "./bit-writer.ts";
import { fromZigzag, greatestCommonDivisor, riceParameter, toZigzag } from "./rice.ts";

/** How a series of one value per sample is coded; a function of the series, so that a reader can check it. */
interface ColumnPlan {
  /** Greatest common divisor of all differences to the first value; 0 for a constant. */
  readonly step: number;
  /** 0: against the first value, 1: against the one before, 2: along the line through the last two. */
  readonly order: number;
  /** Rice's parameter, or `silent` where every prediction is exact. */
  readonly k: number;
}

const parameterMax = 30;
const silent = 31;
/** Keeps the sum that chooses the parameter exact; 64 of them stay below 2^53. */
const summandMax = 2 ** 40;

/**
 * Writes a series of whole numbers below 2^50 in magnitude: first value, step, order, parameter, then the
 * prediction errors in Rice's code. `reference`, where given, is known to the reader too and its course
 * is taken off first.
 */
export function writeColumn(
  writer: BitWriter,
  column: readonly number[],
  reference?: readonly number[],
): void {
  writer.number(toZigzag((column[0] ?? 0) - (reference?.[0] ?? 0)));
  const plan = planColumn(column, reference);
  writer.number(plan.step);
  if (plan.step === 0) return;
  writer.bits(plan.order, 2);
  writer.bits(plan.k, 5);
  if (plan.k === silent) return;
  const course = courseOf({ column, reference, step: plan.step });
  for (let t = 1; t < course.length; t++) {
    const error = (course[t] as number) - predict(course, t, plan.order);
    writer.rice(toZigzag(error), plan.k);
  }
}

/** Reads a series of so many values, each within the bounds. */
export function readColumn(
  reader: BitReader,
  options: { count: number; min: number; max: number; reference?: readonly number[] },
): number[] {
  const { count, reference } = options;
  const first = fromZigzag(reader.number()) + (reference?.[0] ?? 0);
  const step = reader.number();
  const order = step === 0 ? 0 : reader.bits(2);
  const k = step === 0 ? silent : reader.bits(5);
  const course = [0];
  for (let t = 1; t < count; t++) {
    const error = k === silent ? 0 : fromZigzag(reader.rice(k));
    course.push(predict(course, t, order) + error);
  }
  const column = course.map((place, t) => {
    const value = first + step * (place + (step === 0 ? 0 : drift({ reference, t, step })));
    if (value < options.min || value > options.max) reader.fail(`${value} is out of range`);
    return value;
  });
  const plan = planColumn(column, reference);
  if (plan.step !== step || plan.order !== order || plan.k !== k) {
    reader.fail("a series is not in its canonical form");
  }
  return column;
}

function planColumn(column: readonly number[], reference?: readonly number[]): ColumnPlan {
  const first = column[0] ?? 0;
  const step = column.reduce((divisor, value) => greatestCommonDivisor(divisor, value - first), 0);
  if (step === 0) return { step, order: 0, k: silent };
  const course = courseOf({ column, reference, step });
  const sums = [0, 1, 2].map((order) => sumOfErrors(course, order));
  const sum = Math.min(...sums);
  const k = riceParameter({ sum, count: course.length - 1, max: parameterMax });
  return { step, order: sums.indexOf(sum), k: sum === 0 ? silent : k };
}

function sumOfErrors(course: readonly number[], order: number): number {
  let sum = 0;
  for (let t = 1; t < course.length; t++) {
    const error = (course[t] as number) - predict(course, t, order);
    sum += Math.min(toZigzag(error), summandMax);
  }
  return sum;
}

/** The series in steps from its first value, without the course of the reference. */
function courseOf(options: {
  column: readonly number[];
  reference: readonly number[] | undefined;
  step: number;
}): number[] {
  const { column, reference, step } = options;
  const first = column[0] ?? 0;
  return column.map((value, t) => (value - first) / step - drift({ reference, t, step }));
}

/** How many whole steps the reference has moved since the first sample. */
function drift(options: {
  reference: readonly number[] | undefined;
  t: number;
  step: number;
}): number {
  const { reference, t, step } = options;
  if (reference === undefined) return 0;
  return Math.floor(((reference[t] as number) - (reference[0] as number)) / step);
}

function predict(course: readonly number[], t: number, order: number): number {
  if (order === 0) return 0;
  const last = course[t - 1] as number;
  return order === 1 || t === 1 ? last : 2 * last - (course[t - 2] as number);
}
