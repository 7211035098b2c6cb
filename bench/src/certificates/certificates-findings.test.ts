import { expect, it } from "vitest";
import { runCertificates } from "./certificate-run.ts";
import { certificatesFindings } from "./certificates-findings.ts";

it("says of every form what it weighs, and that a group's key costs messages at every change", () => {
  const runs = [4, 20].map((n) => [runCertificates({ n, slice_ms: 1 })]);
  const { rows, items } = certificatesFindings({
    runs,
    evens: [undefined],
    repeats: 1,
    slice_ms: 1,
  });
  const of = (metric: string): number | undefined =>
    rows.find((row) => row.metric === `certificates.${metric}`)?.value;
  expect(items).toHaveLength(8);
  // Q = 14 of 20: 46 and 3 bytes of bitmap, then 68 for each signer, or 96 for all.
  expect(of("ed25519_list.certificate_bytes")).toBe(46 + 3 + 14 * 68);
  expect(of("bls_aggregate.certificate_bytes")).toBe(46 + 3 + 96);
  expect(of("bls_threshold.certificate_bytes")).toBe(46 + 96);
  expect(of("bls_threshold.set_up_messages")).toBe(2 * 20 * 19);
  expect(of("bls_threshold.re_key_messages")).toBe(2 * 20 * 19);
  expect(of("bls_aggregate.re_key_messages")).toBe(20);
  expect(of("break_even_validators")).toBeUndefined();
});
