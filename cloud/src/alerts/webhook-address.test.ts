import fc from "fast-check";
import { expect, test } from "vitest";
import { checkTarget, isInside, readAllowedTargets } from "./webhook-address.ts";

const allowed = readAllowedTargets([
  ...["hooks.example:443", "localhost:443", "127.0.0.1:9000", "private:127.0.0.1:9100"],
  ...["10.1.2.3:443", "[::1]:443", "169.254.169.254:80", "93.184.215.14:443", "93.184.215.14:80"],
]);

test.each([
  ["https://other.example/x", "webhookAllow"],
  ["https://hooks.example:8443/x", "webhookAllow"],
  ["https://localhost/x", "private"],
  ["http://127.0.0.1:9000/x", "private"],
  ["https://10.1.2.3/", "private"],
  ["https://[::1]/", "private"],
  ["http://169.254.169.254/latest/meta-data", "private"],
  ["http://2130706433:9000/x", "private"], // 127.0.0.1 as one number
  ["http://93.184.215.14/x", "https"],
  ["ftp://93.184.215.14:443/x", "https"],
  ["https://user:secret@93.184.215.14/x", "login"],
])("%s is refused: %s", async (url, reason) => {
  await expect(checkTarget(url, allowed)).rejects.toMatchObject({
    code: "WEBHOOK_REFUSED",
    message: expect.stringContaining(reason),
  });
});

test("what the list names is taken, a private one where the list says so", async () => {
  const outside = await checkTarget("https://93.184.215.14/x", allowed);
  expect(outside).toMatchObject({ address: "93.184.215.14", family: 4 });
  const inside = await checkTarget("http://127.0.0.1:9100/x", allowed);
  expect(inside.address).toBe("127.0.0.1");
});

test.each([
  ...["127.9.9.9", "10.0.0.1", "172.31.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "0.0.0.0"],
  ...["::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "224.0.0.1"],
])("%s is inside", (address) => {
  expect(isInside(address)).toBe(true);
});

test("every other address is outside", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.constantFrom(8, 9, 11, 93, 151, 200), octet, octet, octet, (a, b, c, d) => {
      expect(isInside(`${a}.${b}.${c}.${d}`)).toBe(false);
    }),
  );
  expect(isInside("2606:2800:21f:cb07:6820:80da:af6b:8b2c")).toBe(false);
});

test.each(["hooks.example", "https://hooks.example:443", "a:99999", ""])(
  "%j is no entry of the list",
  (item) => {
    expect(() => readAllowedTargets([item])).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  },
);
