import fc from "fast-check";
import { expect, test } from "vitest";
import { csvOf } from "./csv.ts";

const columns = [
  { name: "what", kind: "text" },
  { name: "soh", kind: "number" },
] as const;

test("texts are quoted where they must be, nulls are empty, formulas are not run", () => {
  const rows = [
    ['a "quoted", text', 0.9],
    ["=1+1", null],
    ["two\nlines", -1],
  ] as const;
  expect(csvOf({ columns, rows })).toBe(
    'what,soh\r\n"a ""quoted"", text",0.9\r\n\'=1+1,\r\n"two\nlines",-1\r\n',
  );
});

test("whatever the texts, there are as many rows and cells as there were", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.double())), (rows) => {
      const text = csvOf({ columns, rows });
      const bare = text.replaceAll(/"(?:[^"]|"")*"/g, "x");
      const lines = bare.split("\r\n").slice(0, -1);
      expect(lines).toHaveLength(rows.length + 1);
      for (const line of lines) expect(line.split(",")).toHaveLength(2);
    }),
  );
});
