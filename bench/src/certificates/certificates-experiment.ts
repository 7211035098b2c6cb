import { interleave } from "../measure/interleave.ts";
import type { Experiment } from "../report/experiment.ts";
import { certificatesFindings, headlineSize } from "./certificates-findings.ts";

const breakEvenMax = 64;

/** What a block's certificate costs as a list of signatures, as an aggregate and as a group's signature. */
export const certificatesExperiment: Experiment = {
  name: "certificates",
  summary: "Bytes and time of certificates: list, BLS aggregate, BLS threshold; and their set-up",
  async run({ isQuick, progress }) {
    // Only here: a native library that no other experiment needs.
    const { breakEven, runCertificates } = await import("./certificate-run.ts");
    const sizes = isQuick ? [4, 10, headlineSize, 64] : [4, 7, 10, 16, headlineSize, 31, 40, 64];
    const repeats = isQuick ? 1 : 5;
    const slice_ms = isQuick ? 10 : 40;
    const total = sizes.length * repeats;
    let done = 0;
    const runs = await interleave({
      cases: sizes,
      repeats,
      run: ({ case: n, repeat }) => {
        progress({ done: done++, total, doing: `${n} validators, repeat ${repeat + 1}` });
        return Promise.resolve(runCertificates({ n, slice_ms }));
      },
    });
    progress({ done: total, total, doing: "break-even" });
    const evens = Array.from({ length: repeats }, () =>
      breakEven({ nMax: breakEvenMax, slice_ms }),
    );
    return certificatesFindings({ runs: [...runs.values()], evens, repeats, slice_ms });
  },
};
