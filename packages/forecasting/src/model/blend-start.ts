import { noStatus } from "../status/status-class.ts";

const probabilityFloor = 1e-4;

/**
 * The scores that boosting starts from: logarithms of the blend of persistence and habit, floored.
 * `persistence` is the weight of persistence by class now.
 */
export function writeBlendStart(o: {
  last: number;
  habit: ArrayLike<number>;
  habitAt: number;
  persistence: ArrayLike<number>;
  into: Float32Array;
  at: number;
}): void {
  const { last, persistence, into } = o;
  const kept = last === noStatus ? 0 : (persistence[last] ?? 0);
  for (let c = 0; c < persistence.length; c++) {
    const p = kept * (c === last ? 1 : 0) + (1 - kept) * (o.habit[o.habitAt + c] ?? 0);
    into[o.at + c] = Math.log(Math.max(probabilityFloor, p));
  }
}
