import type { NetworkSnapshot } from "../status/network-history.ts";
import type { ModelCard } from "./model-card.ts";

/** Class probabilities of rows of features; a graph that is run. */
export interface ClassPredictor {
  run(o: { values: Float32Array; rows: number }): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A model whose files were all found unchanged. */
export interface OpenedModel {
  readonly card: ModelCard;
  /** What the model was trained on: it fills the memory before the first forecast. */
  readonly snapshots: readonly NetworkSnapshot[];
  /** In the order of the card's horizons. */
  readonly sessions: readonly ClassPredictor[];
}
