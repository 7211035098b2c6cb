export interface ProgressStep {
  readonly done: number;
  readonly total: number;
  readonly doing: string;
}

const barLength = 24;

/** A bar with its count and what is being done. */
export function progressText({ done, total, doing }: ProgressStep): string {
  const full = Math.round((barLength * done) / total);
  return `${"█".repeat(full)}${"░".repeat(barLength - full)} ${done}/${total} ${doing}`;
}
