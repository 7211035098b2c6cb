import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { linkSignals } from "./linked-signal.ts";

test("it aborts with the first source, for that source's reason", () => {
  const sources = [new AbortController(), new AbortController()];
  const { signal } = linkSignals(sources.map((source) => source.signal));
  expect(signal.aborted).toBe(false);
  sources[1]?.abort("second");
  sources[0]?.abort("first");
  expect(signal.reason).toBe("second");
});

test("a source that has aborted already aborts it at once", () => {
  expect(linkSignals([AbortSignal.abort("long ago")]).signal.reason).toBe("long ago");
});

test("once released it leaves nothing in a source that lives on", () => {
  const lasting = new AbortController();
  const links = Array.from({ length: 100 }, () => linkSignals([lasting.signal]));
  expect(getEventListeners(lasting.signal, "abort")).toHaveLength(100);
  for (const link of links) link.release();
  expect(getEventListeners(lasting.signal, "abort")).toHaveLength(0);
  lasting.abort();
  expect(links.some(({ signal }) => signal.aborted)).toBe(false);
});
