import { expect, test } from "vitest";
import { type PieceRequest, SnapshotFetch, type SnapshotPiece } from "./snapshot-fetch.ts";

const rules = { grace_ms: 100, timeout_ms: 1000, penalty_ms: 5000, perPeer: 2 };
const everyone = (_peer: number): boolean => true;
const id = (name: number): Uint8Array => new Uint8Array(32).fill(name);

interface When {
  readonly now_ms: number;
  readonly isReachable: (peer: number) => boolean;
}

const at = (now_ms: number, isReachable = everyone): When => ({ now_ms, isReachable });

function offered(...offers: readonly (readonly [peer: number, name: number, height: number])[]) {
  const fetch = new SnapshotFetch(rules);
  for (const [peer, name, height] of offers) fetch.learn(peer, { id: id(name), height });
  return fetch;
}

/** Chosen, with a plan of so many parts. */
function planned(parts: number): SnapshotFetch {
  const fetch = offered([1, 7, 9000], [2, 7, 9000], [3, 7, 9000]);
  fetch.choose({ ...at(0), heightMin: 10, agreeing: 2 });
  const [plan] = fetch.next(at(0));
  if (plan === undefined) throw new Error("the plan is asked for");
  expect(plan.piece).toBe("plan");
  expect(fetch.answered(plan)).toBe(true);
  fetch.settled(plan);
  fetch.planned(new Set(Array.from({ length: parts }, (_, place) => place)));
  return fetch;
}

const pieces = (requests: readonly PieceRequest[]): SnapshotPiece[] =>
  requests.map(({ piece }) => piece);

test("the highest snapshot that enough peers offer is chosen, and none below the height asked for", () => {
  const fetch = offered([1, 1, 8000], [2, 1, 8000], [3, 2, 9000], [4, 3, 500], [5, 3, 500]);
  fetch.choose({ ...at(0), heightMin: 9500, agreeing: 2 });
  expect(fetch.target).toBeUndefined();
  fetch.choose({ ...at(0), heightMin: 10, agreeing: 2 });
  expect(fetch.target).toMatchObject({ id: id(1), height: 8000 });
});

test("one that too few offer waits for the grace time, then the one that most offer is taken", () => {
  const fetch = offered([1, 1, 8000], [2, 2, 9000], [3, 2, 9000]);
  const options = { heightMin: 10, agreeing: 3 };
  fetch.choose({ ...at(0), ...options });
  fetch.choose({ ...at(99), ...options });
  expect(fetch.target).toBeUndefined();
  fetch.choose({ ...at(100), ...options });
  expect(fetch.target).toMatchObject({ id: id(2) });
});

test("parts are asked of all peers at once, a few of each, and each part of one peer", () => {
  const fetch = planned(20);
  const requests = fetch.next(at(0));
  expect(requests.map(({ peer }) => peer).sort()).toEqual([1, 1, 2, 2, 3, 3]);
  expect(new Set(pieces(requests)).size).toBe(6);
  expect(fetch.next(at(1))).toEqual([]);
  expect(fetch.isUnderWay).toBe(true);
});

test("a part that came keeps its place with the peer until it is dealt with", () => {
  const fetch = planned(20);
  const [first, second] = fetch.next(at(0));
  if (first === undefined || second === undefined) throw new Error("parts are asked for");
  expect(fetch.answered(first)).toBe(true);
  expect(fetch.answered(first)).toBe(false);
  expect(fetch.next(at(1))).toEqual([]);
  fetch.settled(first);
  expect(fetch.next(at(1)).map(({ peer }) => peer)).toEqual([first.peer]);
});

test("what was not asked for is not an answer", () => {
  const fetch = planned(20);
  const [asked] = fetch.next(at(0));
  if (asked === undefined) throw new Error("parts are asked for");
  expect(fetch.answered({ ...asked, peer: 9 })).toBe(false);
  expect(fetch.answered({ ...asked, piece: 19 })).toBe(false);
  expect(fetch.answered({ ...asked, piece: "plan" })).toBe(false);
  expect(fetch.answered({ ...asked, id: id(8) })).toBe(false);
  expect(fetch.answered(asked)).toBe(true);
});

test("a peer that is late or lied is passed over, and others are asked for its parts", () => {
  const fetch = planned(4);
  const requests = fetch.next(at(0));
  const mine = requests.filter(({ peer }) => peer === 1);
  fetch.avoid(1, 10);
  for (const request of requests.filter(({ peer }) => peer !== 1)) fetch.answered(request);
  for (const request of requests.filter(({ peer }) => peer !== 1)) fetch.settled(request);
  fetch.planned(new Set(mine.map(({ piece }) => Number(piece))));
  const again = fetch.next(at(20));
  expect(pieces(again).sort()).toEqual(pieces(mine).sort());
  expect(again.some(({ peer }) => peer === 1)).toBe(false);
  const late = fetch.next(at(1020));
  expect(late).toEqual([]);
  expect(fetch.isStuck(at(1020))).toBe(false);
  expect(fetch.isStuck(at(1120))).toBe(true);
  expect(fetch.next(at(5010)).map(({ peer }) => peer)).toEqual([1, 1]);
});

test("a peer without the snapshot is not asked for it again until it offers another", () => {
  const fetch = planned(4);
  fetch.hasNot(1);
  fetch.hasNot(2);
  expect(new Set(fetch.next(at(0)).map(({ peer }) => peer))).toEqual(new Set([3]));
  fetch.learn(1, { id: id(8), height: 9500 });
  expect(fetch.next(at(0)).map(({ peer }) => peer)).toEqual([1, 1]);
});

test("a snapshot that was begun before goes on, from those who offer it or a newer one", () => {
  const fetch = offered([1, 1, 8000], [2, 2, 7000]);
  fetch.resume({ id: id(5), height: 7500 }, new Set([3, 4]));
  expect(fetch.next(at(0))).toEqual([
    { peer: 1, id: id(5), piece: 3 },
    { peer: 1, id: id(5), piece: 4 },
  ]);
});

test("one that turned out wrong is nobody's for a while", () => {
  const fetch = planned(1);
  fetch.avoidOffer(id(7), 0);
  fetch.end();
  fetch.choose({ ...at(200), heightMin: 10, agreeing: 1 });
  expect(fetch.target).toBeUndefined();
});

test("nothing is asked of peers that cannot be reached", () => {
  const fetch = planned(4);
  expect(fetch.next(at(0, (peer) => peer === 2)).map(({ peer }) => peer)).toEqual([2, 2]);
});
