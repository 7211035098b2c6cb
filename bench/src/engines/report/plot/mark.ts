/** What is drawn in one colour, dash and shape throughout the page, so that no engine is told by colour alone. */
export const inks = [
  "poa",
  "pbft",
  "linear",
  "sbft",
  "hotstuff",
  "pow",
  "poa-published",
  "raft",
  "published",
  "six-blocks",
  "final",
  "included",
] as const;

export type Ink = (typeof inks)[number];

const dashes: Readonly<Record<Ink, string>> = {
  poa: "",
  pbft: "7 3",
  linear: "2 3",
  sbft: "9 3 2 3",
  hotstuff: "4 2",
  pow: "1 4",
  "poa-published": "12 4",
  raft: "3 6",
  published: "6 6",
  "six-blocks": "",
  final: "",
  included: "",
};

export function dashOf(ink: Ink): string {
  return dashes[ink];
}

/** A point's shape, 9 across; published ones are hollow. */
export function markText(ink: Ink, at: { readonly x: number; readonly y: number }): string {
  const { x, y } = at;
  const fill = ink === "published" ? "var(--paper)" : `var(--${ink})`;
  return `<path d="${shapes[ink](round(x), round(y))}" fill="${fill}" stroke="var(--${ink})" stroke-width="1.6"/>`;
}

type Shape = (x: number, y: number) => string;

const circle: Shape = (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`;
const square: Shape = (x, y) => `M${x - 4} ${y - 4}h8v8h-8z`;
const up: Shape = (x, y) => `M${x} ${y - 5}l5 9h-10z`;
const down: Shape = (x, y) => `M${x} ${y + 5}l5 -9h-10z`;
const diamond: Shape = (x, y) => `M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`;
const cross: Shape = (x, y) => `M${x - 4} ${y - 1.5}h2.5v-2.5h3v2.5h2.5v3h-2.5v2.5h-3v-2.5h-2.5z`;

const shapes: Readonly<Record<Ink, Shape>> = {
  poa: circle,
  pbft: square,
  linear: up,
  sbft: down,
  hotstuff: cross,
  pow: square,
  "poa-published": circle,
  raft: up,
  published: diamond,
  "six-blocks": up,
  final: circle,
  included: square,
};

/** A tenth of a pixel is enough, and keeps the page's text stable. */
export function round(value: number): number {
  return Math.round(10 * value) / 10;
}
