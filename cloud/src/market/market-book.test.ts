import { moduleNumber, type Result } from "@voltfog/ledger";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FinalResult, MarketBook, type ResultNews, type Subject } from "./market-book.ts";

const result: Result = {
  ...{ height: 1, txIndex: 0, txHash: new Uint8Array(32), sender: new Uint8Array(32) },
  ...{ module: moduleNumber.sessions, action: 1, code: "OK", data: new Uint8Array() },
};

function at(index: number): FinalResult {
  return { result: { ...result, height: index + 1 }, index, time_ms: 1000 * index };
}

function session(id: string, changes: Partial<Subject> = {}): Subject {
  return { kind: "session", id, labels: ["ada"], status: "authorised", ...changes };
}

function news(...subjects: Subject[]): ResultNews {
  return { subjects, notices: [] };
}

describe("the book", () => {
  it("lists what was made newest first, page by page, each thing once", () => {
    const book = new MarketBook();
    for (let i = 0; i < 10; i++) book.fold(at(i), news(session(`s${i}`)));
    book.fold(at(10), news(session("s3", { status: "settled" })));
    const first = book.newest("session", { limit: 4 });
    expect(first.map(({ id }) => id)).toEqual(["s9", "s8", "s7", "s6"]);
    const before = first.at(-1)?.index;
    const rest = book.newest("session", { before, limit: 50 });
    expect(rest.map(({ id }) => id)).toEqual(["s5", "s4", "s3", "s2", "s1", "s0"]);
    expect(rest.find(({ id }) => id === "s3")).toMatchObject({
      ...{ index: 3, height: 11, time_ms: 10_000, status: "settled" },
    });
  });

  it("finds by any label that a result ever gave, and counts by how things stand", () => {
    const book = new MarketBook();
    book.fold(at(0), news(session("s")));
    book.fold(at(1), news(session("s", { labels: ["point"], status: "charging" })));
    for (const label of ["ada", "point"]) {
      expect(book.newest("session", { label, limit: 5 })).toHaveLength(1);
    }
    expect(book.newest("session", { label: "ben", limit: 5 })).toEqual([]);
    expect(["authorised", "charging"].map((one) => book.count("session", one))).toEqual([0, 1]);
    expect([book.total("session"), book.total("trade")]).toEqual([1, 0]);
  });

  it("keeps the newest hundred thousand of a kind, and counts and finds no others", () => {
    const book = new MarketBook();
    for (let i = 0; i < 100_003; i++) book.fold(at(i), news(session(`s${i}`)));
    expect(book.total("session")).toBe(100_000);
    expect(book.count("session", "authorised")).toBe(100_000);
    expect(book.row("session", "s2")).toBeUndefined();
    expect(book.newest("session", { label: "ada", before: 4, limit: 5 })).toHaveLength(1);
  });

  it("tells a key its notices in order, from after the one that was read", () => {
    const book = new MarketBook();
    const notices = [{ key: "ada", kind: "deposit", sentence: "1.00 came in.", about: null }];
    for (let i = 0; i < 600; i++) book.fold(at(i), { subjects: [], notices });
    const kept = book.notices({ key: "ada", after: 0, limit: 1000 });
    expect(kept).toHaveLength(500);
    expect(kept[0]?.id).toBe(101);
    expect(book.notices({ key: "ada", after: 598, limit: 9 }).map(({ id }) => id)).toEqual([
      599, 600,
    ]);
    expect(book.notices({ key: "ben", after: 0, limit: 9 })).toEqual([]);
  });

  it("forgets the keys that were told something longest ago, not the one that hears most", () => {
    const book = new MarketBook();
    const told = (key: string): ResultNews => ({
      subjects: [],
      notices: [{ key, kind: "deposit", sentence: "", about: null }],
    });
    for (let i = 0; i < 100_001; i++) book.fold(at(i), told(`k${i}`));
    expect(book.notices({ key: "k0", after: 0, limit: 9 })).toEqual([]);
    expect(book.notices({ key: "k1", after: 0, limit: 9 })).toHaveLength(1);
    expect(book.notices({ key: "k100000", after: 0, limit: 9 })).toHaveLength(1);
  });

  it("is the same however often its things change: counts are those of the rows", () => {
    const change = fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      status: fc.constantFrom("open", "settled", "disputed"),
      label: fc.constantFrom("ada", "ben"),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const book = new MarketBook();
        for (const [i, { id, status, label }] of changes.entries()) {
          book.fold(at(i), news(session(id, { status, labels: [label] })));
        }
        const rows = book.newest("session", { limit: 100 });
        expect(rows).toHaveLength(new Set(changes.map(({ id }) => id)).size);
        for (const status of ["open", "settled", "disputed"]) {
          const found = rows.filter((row) => row.status === status).length;
          expect(book.count("session", status)).toBe(found);
        }
        for (const label of ["ada", "ben"]) {
          const named = new Set(changes.filter((one) => one.label === label).map(({ id }) => id));
          expect(book.newest("session", { label, limit: 100 })).toHaveLength(named.size);
        }
      }),
    );
  });
});
