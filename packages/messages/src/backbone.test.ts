import fc from "fast-check";
import { expect, test } from "vitest";
import { backboneHeaders, backboneMessageId, backboneSpanOf, backboneSubject } from "./backbone.ts";

const text = fc.oneof(fc.string(), fc.nat().map(String), fc.constantFrom("-1", "1e3", "", " 7"));

test("headers say which stretch of which unit's log a message holds", () => {
  const place = { kind: "entries", unitId: "unit-1" } as const;
  const subject = backboneSubject({ ...place, log: 2 });
  const span = { from: 7, to: 19 };
  const id = backboneMessageId(subject, span);
  const headers = backboneHeaders({ ...place, id, span });
  expect(subject).toBe("voltfog.v1.backbone.entries.unit-1.2");
  expect(id).toBe(`${subject}/7-19`);
  expect(headers).toMatchObject({ "ce-id": id, "ce-type": "voltfog.entries.v1" });
  expect(backboneSpanOf((name) => headers[name] ?? "")).toEqual(span);
});

test("headers that state no stretch are none, whatever they hold", () => {
  fc.assert(
    fc.property(text, text, (from, to) => {
      const span = backboneSpanOf((name) => (name === "ce-from" ? from : to));
      if (span === undefined) return;
      expect([`${span.from}`, `${span.to}`]).toEqual([`${Number(from)}`, `${Number(to)}`]);
      expect(span.from).toBeLessThan(span.to);
    }),
  );
});
