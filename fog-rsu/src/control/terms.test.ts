import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseTerm, Terms } from "./terms.ts";

describe("Terms", () => {
  let dataDir = "";
  let clock = new ManualClock(1000);
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "terms-"));
    clock = new ManualClock(1000);
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const open = (): Terms => new Terms({ dataDir, clock, logger: silentLogger });
  const claim = (term: number, controllerId = "controller") => ({ term, controllerId });
  const path = (): string => join(dataDir, "control", "term.json");

  it("obeys a higher term, and after a restart refuses the ones before it", () => {
    const terms = open();
    expect(terms.leader).toBeNull();
    expect(terms.admit(claim(3)).ok).toBe(true);
    const again = open();
    expect(again.term).toBe(3);
    expect(again.admit(claim(2))).toMatchObject({
      ok: false,
      problem: { code: "TERM_STALE", term: 3 },
    });
    expect(again.admit(claim(3)).ok).toBe(true);
  });

  it("gives a term to the first that claims it", () => {
    const terms = open();
    expect(terms.admit(claim(1, "controller")).ok).toBe(true);
    expect(terms.admit(claim(1, "controller-2"))).toMatchObject({
      ok: false,
      problem: { code: "TERM_STALE" },
    });
    expect(terms.admit(claim(2, "controller-2")).ok).toBe(true);
    expect(terms.admit(claim(1, "controller")).ok).toBe(false);
    expect(terms.leader).toMatchObject({ id: "controller-2" });
  });

  it("takes what comes without a term only while nobody has led", () => {
    const terms = open();
    expect(terms.admit(claim(0, "none")).ok).toBe(true);
    expect(terms.leader).toBeNull();
    terms.admit(claim(1));
    expect(terms.admit(claim(0, "none")).ok).toBe(false);
  });

  it("says how long the leader has been silent, after a restart since that", () => {
    const terms = open();
    terms.admit(claim(1));
    clock.advance(2500);
    expect(terms.leader).toEqual({ id: "controller", silent_ms: 2500, lastHeard_ms: 1000 });
    const again = open();
    clock.advance(10);
    expect(again.leader).toMatchObject({ silent_ms: 10, lastHeard_ms: null });
  });

  it("does not follow a term that nobody can have counted up to", () => {
    expect(open().admit(claim(Number.MAX_SAFE_INTEGER))).toMatchObject({
      ok: false,
      problem: { code: "TERM_INVALID" },
    });
  });

  it("does not obey a term that is not on disk", () => {
    const terms = open();
    writeFileSync(join(dataDir, "control"), "a file where the folder should be");
    expect(terms.admit(claim(1))).toMatchObject({ ok: false, problem: { code: "TERM_NOT_KEPT" } });
    expect(terms.term).toBe(0);
  });

  it("sets a damaged file aside and starts all the same", () => {
    open().admit(claim(7));
    writeFileSync(path(), "{");
    expect(open().term).toBe(0);
    expect(readFileSync(`${path()}.damaged`, "utf8")).toBe("{");
  });

  it("reads only its own form, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseTerm(text)).toBeUndefined();
      }),
    );
  });
});
