import type { Link } from "../../consensus/delayed-transport.ts";

/** One pass over all engines at one size over one link. */
export interface Round {
  readonly n: number;
  readonly link: Link;
  /** Also at rising rates, and without one node; else latency alone. */
  readonly isWhole: boolean;
}

/** The size of the rows; the others are items. */
export const headlineSize = 4;

export const usualLink: Link = { mean_ms: 5, jitter_ms: 2 };
const near: Link = { mean_ms: 0, jitter_ms: 0 };
const lossy: Link = { ...usualLink, loss: 0.01 };
const far: Link = { mean_ms: 25, jitter_ms: 10 };

const whole = (n: number): Round => ({ n, link: usualLink, isWhole: true });
const latency = (n: number, link = usualLink): Round => ({ n, link, isWhole: false });

/** What matters most comes first: a run that has no time left ends behind any of them. */
export function roundsOf({ isQuick }: { isQuick: boolean }): readonly Round[] {
  if (isQuick) return [whole(headlineSize)];
  return [
    whole(headlineSize),
    whole(10),
    latency(headlineSize),
    whole(headlineSize),
    latency(7),
    latency(headlineSize),
    latency(headlineSize, far),
    latency(headlineSize),
    latency(headlineSize, lossy),
    whole(headlineSize),
    latency(10),
    latency(headlineSize, near),
    latency(10),
  ];
}
