import fc from "fast-check";
import { expect, test } from "vitest";
import { PdfDocument } from "./pdf-document.ts";
import { literal, textWidth, wrapped, writable } from "./pdf-text.ts";

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Every object begins where the table at the end says. */
function checkTable(file: string): void {
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(file)?.[1]);
  expect(file.slice(table, table + 4)).toBe("xref");
  const starts = [...file.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, at]) =>
    Number(at),
  );
  expect(starts.length).toBeGreaterThan(5);
  starts.forEach((start, at) => {
    expect(file.slice(start, start + 12)).toMatch(new RegExp(`^${at + 1} 0 obj\n`));
  });
  for (const [, length, body] of file.matchAll(
    /\/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/g,
  )) {
    expect(body?.length).toBe(Number(length));
  }
}

test("the same calls give the same file, whose table and lengths are right", () => {
  const make = (): Uint8Array => {
    const document = new PdfDocument({ title: "Über (50 %)", made_ms: 1_700_000_000_000 });
    document.text(48, 60, "State of health: 88.1 %", { isBold: true, size: 20 });
    document.line([
      [1, 2],
      [3, 4],
    ]);
    document.page();
    document.text(500, 60, "12 €", { isRight: true });
    document.footed("foot");
    return document.bytes();
  };
  expect(make()).toEqual(make());
  const file = textOf(make());
  checkTable(file);
  expect(file).toContain("(State of health: 88.1 %) Tj");
  expect(file).toContain("/Count 2");
  expect(file).toContain("D:20231114221320Z");
});

test("whatever is written, the file stays whole", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 8 }), (texts) => {
      const document = new PdfDocument({ title: texts[0] ?? "", made_ms: 0 });
      for (const text of texts) document.text(10, 10, text);
      checkTable(textOf(document.bytes()));
    }),
  );
});

test("brackets and backslashes are text, and signs of other scripts are spelled or marked", () => {
  expect(literal("a(b)\\")).toBe("(a\\(b\\)\\\\)");
  expect(literal("25 °C – 12 €")).toBe("(25 \\260C \\226 12 \\200)");
  expect(writable("57 σ, 1.1 mΩ, −3\u2009%, 漢")).toBe("57 sigma, 1.1 mOhm, –3 %, ?");
});

test("lines are no wider than asked, unless a word alone is", () => {
  expect(textWidth("AAAA", 10)).toBeCloseTo(26.68);
  const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(words, fc.integer({ min: 60, max: 300 }), (all, width) => {
      const lines = wrapped(all.join(" "), { size: 10, width });
      expect(lines.join(" ")).toBe(all.join(" "));
      for (const line of lines) {
        expect(line.includes(" ") ? textWidth(line, 10) : 0).toBeLessThanOrEqual(width);
      }
    }),
  );
});
