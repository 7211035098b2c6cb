import type { Decision, HeightStarted } from "./engine.ts";

/** What a height begins with, apart from the time. */
export type NextHeight = Omit<HeightStarted, "type" | "now_ms">;

/**
 * What is decided about, behind the engine's requests: the chain in the product, a few counters in the
 * simulator. All calls are synchronous and deterministic given their arguments.
 */
export interface Application<Final = void> {
  /** The last final height. */
  readonly height: number;
  /** The digest that binds every byte of a block; undefined where the bytes are not a block. */
  digestOf(block: Uint8Array): Uint8Array | undefined;
  /** How the height after the last final one begins, at this voter's wall time. */
  nextHeight(wall_ms: number): NextHeight;
  /** A new block for the next height. `parent` may hold late seals that the application has not seen. */
  build(options: {
    round: number;
    builder: number;
    parent: Decision | undefined;
    wall_ms: number;
  }): Uint8Array;
  /**
   * Why a proposed block may not follow, as a code; undefined where it may. `builder` is who must have
   * made it, where that is known; `parent` what is known of the parent's decision, every seal of it verified.
   */
  check(options: {
    round: number;
    digest: Uint8Array;
    block: Uint8Array;
    builder: number | undefined;
    parent?: Decision | undefined;
    wall_ms: number;
  }): string | undefined;
  /** Makes the block final: the next height's parent. The block was checked or is proved by its decision. */
  finalise(final: { block: Uint8Array; decision: Decision }): Final;
}
