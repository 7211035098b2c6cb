/** The two published comparisons: ENERGETIC deliverable D5.3 (2024), and Jindal's thesis (Edinburgh, 2023). */
export type PublishedIn = "D5.3" | "thesis";

/** Whose figure it is, in this product's words: D5.3's own engine is `poa-published`, the thesis's BFT is `pbft`. */
export type PublishedEngine = "poa-published" | "pbft" | "pow" | "linear" | "sbft" | "all";

/**
 * How the figure is known. `number`: the text prints it. `words`: the text says it without a number. `axis`: a
 * picture is lost but the numbers along its axis are in the text, so a bound is known. `picture`: it was in a
 * picture alone, and the copy of the document that we have carries no picture.
 */
export type KnownBy = "number" | "words" | "axis" | "picture";

/** One figure that somebody published about a consensus engine, with its place. */
export interface PublishedFigure {
  readonly id: string;
  readonly document: PublishedIn;
  /** Section and figure. */
  readonly place: string;
  readonly engine: PublishedEngine;
  readonly what: string;
  readonly knownBy: KnownBy;
  /** In `unit`; undefined where no number is known, the bound where it is known from an axis. */
  readonly value?: number;
  readonly unit: string;
  /** What the text says, in our words. */
  readonly said: string;
}

/** Where a document contradicts itself or cannot be, and what was taken instead. */
export interface PublishedContradiction {
  readonly document: PublishedIn;
  readonly place: string;
  readonly says: string;
  readonly but: string;
  readonly taken: string;
}
