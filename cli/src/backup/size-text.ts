const steps = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** A size for the eye, in powers of 1000: "812 bytes", "1.4 MB". */
export function sizeText(size_bytes: number): string {
  let value = size_bytes;
  let step = 0;
  while (value >= 1000 && step < steps.length - 1) {
    value /= 1000;
    step++;
  }
  return `${step === 0 ? value : value.toFixed(1)} ${steps[step]}`;
}
