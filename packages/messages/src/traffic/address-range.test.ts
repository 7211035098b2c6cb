import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { hostBytes, isInRange, parseAddressRange } from "./address-range.ts";

function holds(range: string, address: string): boolean {
  const parsed = parseAddressRange(range);
  const host = hostBytes(address);
  if (!parsed.ok || host === undefined) throw new Error(`${range} or ${address} is not read`);
  return isInRange(host, parsed.value);
}

describe("a range of addresses", () => {
  it.each([
    ["10.1.0.0/16", "10.1.255.255", true],
    ["10.1.0.0/16", "10.2.0.0", false],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.128/25", "10.1.2.127", false],
    ["10.1.2.128/25", "::ffff:10.1.2.200", true],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["::1", "::1", true],
    ["fe80::/10", "fe80::1%eth0", true],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["0.0.0.0/0", "::1", false],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304", true],
  ])("%s and %s: %s", (range, address, inside) => {
    expect(holds(range, address)).toBe(inside);
  });

  it.each([
    "",
    "10.1.0.0/33",
    "10.1.0.1/16",
    "010.1.0.0",
    "10.1.0",
    "10.1.0.0.0",
    "10.1.0.0/8/8",
    "10.1.0.0/",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7::8",
    ":1:2:3:4:5:6:7",
    "12345::",
    "::/129",
    "::ffff:10.0.0.0/104",
    "fe80::1%eth0",
    "2001:db8::1/32",
    "9".repeat(65),
  ])("%j is refused", (text) => {
    expect(parseAddressRange(text)).toMatchObject({ problem: { code: "ADDRESS_INVALID" } });
  });
});

test("a range of any length holds exactly the addresses with its first bits", () => {
  const size = fc.constantFrom(4, 16);
  const pair = size.chain((length) =>
    fc.tuple(
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.integer({ min: 0, max: length * 8 }),
    ),
  );
  fc.assert(
    fc.property(pair, ([network, host, prefix]) => {
      const bits = (bytes: Uint8Array): string =>
        [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
      const kept = bits(network).slice(0, prefix).padEnd(bits(network).length, "0");
      const cleared = Uint8Array.from(
        (kept.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
      );
      const parsed = parseAddressRange(`${textOf(cleared)}/${prefix}`);
      if (!parsed.ok) return textOf(cleared).startsWith("0:0:0:0:0:ffff:");
      const inside = bits(host).slice(0, prefix) === bits(network).slice(0, prefix);
      return isInRange(host, parsed.value) === inside;
    }),
  );
});

test("any text at all is read or refused", () => {
  const near = fc.string({
    unit: fc.constantFrom(..."0123456789abcdef.:/%"),
    maxLength: 70,
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      const parsed = parseAddressRange(text);
      if (parsed.ok) expect([4, 16]).toContain(parsed.value.bytes.length);
      const host = hostBytes(text);
      if (host !== undefined) expect([4, 16]).toContain(host.length);
    }),
  );
});

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return Array.from({ length: 8 }, (_, group) =>
    (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16),
  ).join(":");
}
