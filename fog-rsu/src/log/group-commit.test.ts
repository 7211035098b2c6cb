import { expect, test, vi } from "vitest";
import { type Committed, GroupCommit } from "./group-commit.ts";

/** A disk that finishes a write only when told to. */
function slowDisk() {
  const writes: {
    group: readonly string[];
    finish: (place: Committed) => void;
    fail: (e: Error) => void;
  }[] = [];
  const commit = (group: readonly string[]): Promise<Committed> =>
    new Promise((finish, fail) => writes.push({ group, finish, fail }));
  const failed = vi.fn();
  const committed = vi.fn();
  const log = new GroupCommit<string>({ groupMax: 3, backlogMax: 5, commit, committed, failed });
  return { log, writes, failed, committed };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("frames of one turn share a group, and those that come while the disk is busy share the next", async () => {
  const { log, writes, committed } = slowDisk();
  const first = [log.offer("a"), log.offer("b")];
  await turn();
  const second = [log.offer("c"), log.offer("d")];
  await turn();
  expect(writes.map(({ group }) => group)).toEqual([["a", "b"]]);
  writes[0]?.finish({ firstIndex: 7, checkpoint: "one" });
  expect(await Promise.all(first)).toEqual([
    { index: 7, checkpoint: "one" },
    { index: 8, checkpoint: "one" },
  ]);
  await turn();
  expect(writes[1]?.group).toEqual(["c", "d"]);
  writes[1]?.finish({ firstIndex: 9, checkpoint: "two" });
  expect(await Promise.all(second)).toEqual([
    { index: 9, checkpoint: "two" },
    { index: 10, checkpoint: "two" },
  ]);
  expect(committed.mock.calls.map(([group]) => group)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("a group is never larger than its limit", async () => {
  const { log, writes } = slowDisk();
  for (const item of ["a", "b", "c", "d"]) void log.offer(item);
  await turn();
  expect(writes.map(({ group }) => group)).toEqual([["a", "b", "c"]]);
});

test("a full backlog takes no more instead of growing", () => {
  const { log } = slowDisk();
  for (const item of ["a", "b", "c", "d", "e"]) expect(log.offer(item)).toBeDefined();
  expect(log.offer("f")).toBeUndefined();
  expect(log.waiting).toBe(5);
});

test("when the disk refuses a group, what waited behind it is not kept either, and later frames are", async () => {
  const { log, writes, failed, committed } = slowDisk();
  const lost = log.offer("a");
  await turn();
  const behind = log.offer("b");
  const outcomes = Promise.allSettled([lost, behind]);
  const noSpace = new Error("no space");
  writes[0]?.fail(noSpace);
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(failed).toHaveBeenCalledExactlyOnceWith(noSpace);
  expect(committed).not.toHaveBeenCalled();
  const later = log.offer("c");
  await turn();
  expect(writes[1]?.group).toEqual(["c"]);
  writes[1]?.finish({ firstIndex: 0, checkpoint: "three" });
  expect(await later).toEqual({ index: 0, checkpoint: "three" });
  await log.settled();
});

test("what is urgent goes into the next group before all that waits, and leaves room for the rest", async () => {
  const groups: (readonly string[])[] = [];
  let finish: () => void = () => {};
  const log = new GroupCommit<string>({
    groupMax: 8,
    backlogMax: 100,
    isUrgent: (item) => item.startsWith("alert"),
    commit: async (group) => {
      groups.push(group);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { firstIndex: 0, checkpoint: "" };
    },
    committed: () => {},
    failed: () => {},
  });
  void log.offer("first");
  await turn();
  for (let i = 0; i < 20; i++) void log.offer(`telemetry ${i}`);
  for (let i = 0; i < 10; i++) void log.offer(`alert ${i}`);
  finish();
  await turn();
  const alerts = Array.from({ length: 7 }, (_, i) => `alert ${i}`);
  expect(groups[1]).toEqual([...alerts, "telemetry 0"]);
  expect(log.waiting).toBe(22);
});
