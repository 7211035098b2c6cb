import { expect, test } from "vitest";
import { CatchUp } from "./catch-up.ts";

const rules = { grace_ms: 100, timeout_ms: 1000, penalty_ms: 500, blocksMax: 10 };
const everyone = (): boolean => true;

test("a peer one height ahead is left alone for the grace time, one further ahead is asked at once", () => {
  const catchUp = new CatchUp(rules);
  catchUp.learn({ peer: 1, height: 6, now_ms: 0 });
  expect(catchUp.next({ ownHeight: 5, now_ms: 50, isReachable: everyone })).toBeUndefined();
  const late = catchUp.next({ ownHeight: 5, now_ms: 100, isReachable: everyone });
  expect(late).toEqual({ peer: 1, from: 6, limit: 10 });
  const far = new CatchUp(rules);
  far.learn({ peer: 2, height: 7, now_ms: 0 });
  const asked = far.next({ ownHeight: 5, now_ms: 0, isReachable: everyone });
  expect(asked).toEqual({ peer: 2, from: 6, limit: 10 });
});

test("one request is under way at a time, to the highest peer that can be reached", () => {
  const catchUp = new CatchUp(rules);
  catchUp.learn({ peer: 1, height: 20, now_ms: 0 });
  catchUp.learn({ peer: 2, height: 30, now_ms: 0 });
  catchUp.learn({ peer: 3, height: 40, now_ms: 0 });
  const isReachable = (peer: number): boolean => peer !== 3;
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable })?.peer).toBe(2);
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable })).toBeUndefined();
  catchUp.answered({ peer: 2, helped: true, now_ms: 10 });
  const next = catchUp.next({ ownHeight: 15, now_ms: 10, isReachable });
  expect(next).toEqual({ peer: 2, from: 16, limit: 10 });
});

test("a peer that does not answer, or answers with nothing good, is passed over for a while", () => {
  const catchUp = new CatchUp(rules);
  catchUp.learn({ peer: 1, height: 30, now_ms: 0 });
  catchUp.learn({ peer: 2, height: 20, now_ms: 0 });
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable: everyone })?.peer).toBe(1);
  const second = catchUp.next({ ownHeight: 5, now_ms: 1000, isReachable: everyone });
  expect(second?.peer).toBe(2);
  catchUp.answered({ peer: 2, helped: false, now_ms: 1100 });
  expect(catchUp.next({ ownHeight: 5, now_ms: 1200, isReachable: everyone })).toBeUndefined();
  catchUp.learn({ peer: 1, height: 30, now_ms: 1300 });
  expect(catchUp.next({ ownHeight: 5, now_ms: 1300, isReachable: everyone })).toBeUndefined();
  expect(catchUp.next({ ownHeight: 5, now_ms: 1500, isReachable: everyone })?.peer).toBe(1);
});

test("nothing is asked of peers that are no higher, and a peer that left is forgotten", () => {
  const catchUp = new CatchUp(rules);
  catchUp.learn({ peer: 1, height: 5, now_ms: 0 });
  expect(catchUp.isBehind(5)).toBe(false);
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable: everyone })).toBeUndefined();
  catchUp.learn({ peer: 1, height: 9, now_ms: 0 });
  expect(catchUp.isBehind(5)).toBe(true);
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable: everyone })?.peer).toBe(1);
  catchUp.forget(1);
  expect(catchUp.heightOf(1)).toBe(0);
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable: everyone })).toBeUndefined();
});

test("a peer is not asked for a block that it has removed", () => {
  const catchUp = new CatchUp(rules);
  catchUp.learn({ peer: 1, height: 90, now_ms: 0 });
  catchUp.learn({ peer: 2, height: 80, now_ms: 0 });
  catchUp.learnFirst(1, 50);
  expect(catchUp.next({ ownHeight: 5, now_ms: 0, isReachable: everyone })?.peer).toBe(2);
  catchUp.answered({ peer: 2, helped: true, now_ms: 10 });
  expect(catchUp.next({ ownHeight: 49, now_ms: 10, isReachable: everyone })?.peer).toBe(1);
});

test("blocks are gone once some peer has removed them and no other one gives them", () => {
  const catchUp = new CatchUp(rules);
  const peers = [1, 2];
  const isGone = (): boolean => catchUp.isGone({ ownHeight: 5, peers });
  expect(isGone()).toBe(false);
  catchUp.learnFirst(1, 50);
  expect(isGone()).toBe(false);
  for (let now_ms = 0; now_ms < 3000; now_ms += 1000) {
    expect(isGone()).toBe(false);
    catchUp.learn({ peer: 2, height: 80, now_ms });
    expect(catchUp.next({ ownHeight: 5, now_ms, isReachable: everyone })?.peer).toBe(2);
    catchUp.answered({ peer: 2, helped: false, now_ms });
  }
  expect(isGone()).toBe(true);
  expect(catchUp.isGone({ ownHeight: 49, peers: [1] })).toBe(false);
  catchUp.learn({ peer: 2, height: 80, now_ms: 9000 });
  catchUp.next({ ownHeight: 5, now_ms: 9000, isReachable: everyone });
  catchUp.answered({ peer: 2, helped: true, now_ms: 9000 });
  expect(isGone()).toBe(false);
});
