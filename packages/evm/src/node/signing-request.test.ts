import fc from "fast-check";
import { expect, test } from "vitest";
import type { SigningRequest } from "./anchor-signer.ts";
import { decodeSigningRequest, encodeSigningRequest } from "./signing-request.ts";

const contract = `0x${"aB".repeat(20)}`;
const count = fc.nat();
const request: fc.Arbitrary<SigningRequest> = fc.oneof(
  fc.record({
    evmChainId: fc.bigInt({ min: 1n, max: 10n ** 18n }),
    contract: fc.constant(contract),
    kind: fc.constant("anchor" as const),
    setVersion: count,
    evidence: fc.uint8Array(),
  }),
  fc.record({
    evmChainId: fc.bigInt({ min: 1n, max: 10n ** 18n }),
    contract: fc.constant(contract),
    kind: fc.constant("validators" as const),
    content: fc.record({
      version: count,
      height: count,
      validators: fc.array(fc.constant(contract), { maxLength: 256 }),
    }),
  }),
);

test("a request to sign is read as it was written", () => {
  fc.assert(
    fc.property(request, (one) => {
      const decoded = decodeSigningRequest(JSON.parse(encodeSigningRequest(one)));
      expect(decoded).toEqual({ ok: true, value: one });
    }),
  );
});

test("anything else is refused with what is wrong, and never thrown at", () => {
  fc.assert(
    fc.property(
      request,
      fc.constantFrom("evmChainId", "contract", "kind"),
      fc.jsonValue(),
      (one, key, value) => {
        const changed = { ...(JSON.parse(encodeSigningRequest(one)) as object), [key]: value };
        fc.pre(typeof value !== "string" || key === "kind");
        expect(decodeSigningRequest(changed)).toMatchObject({ problem: { code: "MALFORMED" } });
      },
    ),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(decodeSigningRequest(value).ok).toBe(false);
    }),
  );
});
