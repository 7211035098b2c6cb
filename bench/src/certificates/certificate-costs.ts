import type { CertificateForm, Share } from "./certificate-form.ts";

/** Processor time of one operation each, on this machine. */
export interface FormCosts {
  readonly certificate_bytes: number;
  readonly sign_us: number;
  /** Of one share, as a collector does that cannot trust the sender. */
  readonly checkShare_us: number;
  /** A quorum's shares into one certificate. */
  readonly combine_us: number;
  /** Of one whole certificate. */
  readonly verify_us: number;
}

/** What a form costs with shares of the first `quorum` validators; each figure over `slice_ms` at least. */
export function formCosts(o: {
  form: CertificateForm;
  quorum: number;
  slice_ms: number;
}): FormCosts {
  const { form, slice_ms } = o;
  const shares = sharesOf(form, o.quorum);
  const [share] = shares;
  const certificate = form.combine(shares);
  if (share === undefined || !form.isCertificate(certificate) || !form.isShare(share)) {
    throw new Error(`${form.name} does not verify`);
  }
  return {
    certificate_bytes: form.size_bytes(certificate),
    sign_us: cpu_us(() => form.sign(0), slice_ms),
    checkShare_us: cpu_us(() => form.isShare(share), slice_ms),
    combine_us: cpu_us(() => form.combine(shares), slice_ms),
    verify_us: cpu_us(() => form.isCertificate(certificate), slice_ms),
  };
}

export function sharesOf(form: CertificateForm, quorum: number): Share[] {
  return Array.from({ length: quorum }, (_, validator) => ({
    validator,
    signature: form.sign(validator),
  }));
}

/** Processor time of one run, all threads of this process, over as many runs as fill the time. */
export function cpu_us(run: () => unknown, slice_ms: number): number {
  const start = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    run();
    const { user, system } = process.cpuUsage(start);
    if (user + system >= 1000 * slice_ms) return (user + system) / runs;
  }
}
