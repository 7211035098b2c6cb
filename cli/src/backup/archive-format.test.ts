import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHead, encodeHead, isArchivePath } from "./archive-format.ts";
import { type BackupManifest, parseManifest } from "./manifest.ts";

const file = fc.record({
  path: fc
    .array(fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,8}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/")),
  mode: fc.constantFrom(0o600, 0o644),
  length_bytes: fc.nat({ max: 2 ** 40 }),
});
const manifest: BackupManifest = {
  ...{ format: 1, created_ms: 5, chain: "test", chainId: "00", height: 7 },
  ...{ units: [], files: [] },
};

test("a file's head is read as it was written, and no other byte is", () => {
  fc.assert(
    fc.property(file, fc.nat(), fc.integer({ min: 1, max: 255 }), (head, place, change) => {
      expect(isArchivePath(head.path)).toBe(true);
      const bytes = encodeHead(head);
      expect(decodeHead(bytes)).toEqual({ ok: true, value: head });
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(decodeHead(bytes).ok).toBe(false);
    }),
  );
});

test("any bytes get a verdict for a head, and a path that leads elsewhere is refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(decodeHead(bytes).ok).toBe(false);
    }),
  );
  const head = encodeHead({ path: "../genesis.json", mode: 0o600, length_bytes: 1 });
  expect(decodeHead(head).ok).toBe(false);
});

test("a manifest is read, and any other text is none", () => {
  expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseManifest(text)).toBeUndefined();
    }),
  );
  const values = fc.constantFrom(null, "7", "x", { of: 1 }, true);
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(manifest)), values, (key, value) => {
      const text = JSON.stringify({ ...manifest, [key]: value });
      const isText = typeof value === "string" && typeof Reflect.get(manifest, key) === "string";
      expect(parseManifest(text) === undefined).toBe(!isText);
    }),
  );
});
