import {
  type Facts,
  type Findings,
  type ReportRow,
  reportRow,
  rounded,
  summarise,
} from "@voltfog/runtime";
import type { CertificateRun, FormRun, SetUp } from "./certificate-run.ts";

/** The published network of the battery experiment has as many. */
export const headlineSize = 20;

interface Measured {
  /** All repeats of one size each. */
  readonly runs: readonly (readonly CertificateRun[])[];
  readonly evens: readonly (number | undefined)[];
  readonly repeats: number;
  readonly slice_ms: number;
}

type Figure = readonly [name: string, unit: string, value: (run: FormRun) => number];

const setUpFigures = (name: string, of: (run: FormRun) => SetUp): readonly Figure[] => [
  [`${name}_messages`, "messages", (run) => of(run).messages],
  [`${name}_bytes`, "bytes", (run) => of(run).traffic_bytes],
  [`${name}_cpu_ms`, "ms", (run) => of(run).cpu_ms],
];

const figures: readonly Figure[] = [
  ["certificate_bytes", "bytes", (run) => run.certificate_bytes],
  ["sign_us", "us", (run) => run.sign_us],
  ["check_share_us", "us", (run) => run.checkShare_us],
  ["combine_us", "us", (run) => run.combine_us],
  ["verify_us", "us", (run) => run.verify_us],
  ...setUpFigures("set_up", (run) => run.setUp),
  ...setUpFigures("re_key", (run) => run.reKey),
];

const method =
  "A quorum of n validators says that one block is final, in four forms: ed25519-list is the product's own (each signer's signature over its own delay, and a bitmap); bls-aggregate one BLS signature of 96 bytes and a bitmap, all signing the same words, each key admitted with a proof of possession; bls-aggregate-own-delay the same where each also signs the delay that it measured, as the list's signers do; bls-threshold one signature of a key that Joint-Feldman shared out, with no bitmap: it does not say who signed, so that nobody's service can be told from it. BLS12-381 with public keys in G1 by blst; arithmetic modulo the group's order in BigInt; what multiplies a point by a public number does so by the library's additions. All times are processor time of this process, all threads. check_share is what a collector does per vote, combine once per certificate, verify what every stranger does per block, keys known. set_up counts messages between two validators before the first certificate: keys (with proofs) to each other validator, or the dealings (commitments, one secret share, a signature) and the echo of each to each other that the protocol's broadcast needs, nobody lying; cpu_ms is what one validator spends on it. re_key is the same when one validator takes another's place: its key to each of the others and theirs to it, or the whole generation anew (sharing the old key out again takes as many messages and keeps the group's key; it was not built). Nothing travels: messages are counted and their bytes are those of the encodings, without frames and TLS. break_even_validators is the least n up to 64 from which on the aggregate is cheaper to verify than the list.";

export function certificatesFindings({ runs, evens, repeats, slice_ms }: Measured): Findings {
  const headline = runs.find(([run]) => run?.n === headlineSize) ?? [];
  const found = evens.filter((even) => even !== undefined);
  return {
    method,
    inputs: {
      sizes: runs.flatMap(([run]) => run?.n ?? []),
      headline: headlineSize,
      repeats,
      slice_ms,
    },
    rows: [
      ...formsOf(headline).flatMap((form) =>
        figures.map(([name, unit, value]): ReportRow => {
          const metric = `certificates.${form.replaceAll("-", "_")}.${name}`;
          return reportRow({ metric, unit, values: each(headline, form).map(value) });
        }),
      ),
      ...(found.length === 0
        ? []
        : [
            reportRow({
              ...{
                metric: "certificates.break_even_validators",
                unit: "validators",
                values: found,
              },
            }),
          ]),
    ],
    items: runs.flatMap((repeated) => formsOf(repeated).map((form) => itemOf(repeated, form))),
  };
}

function formsOf(runs: readonly CertificateRun[]): string[] {
  return runs[0]?.forms.map(({ form }) => form) ?? [];
}

function each(runs: readonly CertificateRun[], form: string): FormRun[] {
  return runs.flatMap((run) => run.forms.filter((one) => one.form === form));
}

function itemOf(runs: readonly CertificateRun[], form: string): Facts {
  const all = each(runs, form);
  const facts = figures.map(([name, , value]) => {
    const { value: median, min, max } = summarise(all.map(value));
    return [name, { value: rounded(median), min: rounded(min), max: rounded(max) }] as const;
  });
  return {
    form,
    n: runs[0]?.n ?? 0,
    quorum: runs[0]?.quorum ?? 0,
    ...Object.fromEntries(facts),
  };
}
