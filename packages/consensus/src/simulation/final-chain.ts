import type { VoterSet } from "../engine.ts";
import type { SimulationEvent } from "./events.ts";
import { decodeLightBlock, type LightBlock } from "./light-block.ts";
import { LightElectorate } from "./light-electorate.ts";

/** The chain as the checkers know it: the first final block of each height, under the true rules. */
export class FinalChain {
  readonly #electorate: LightElectorate;
  /** Who votes at each height; the last one is of the height that is not final yet. */
  readonly #voterSets: VoterSet[];

  constructor(options: { voters: number }) {
    this.#electorate = new LightElectorate(options);
    this.#voterSets = [this.#electorate.voterSet];
  }

  /** The block, where the event is the first to make a height final. */
  learn(event: SimulationEvent): LightBlock | undefined {
    if (event.type !== "final" || event.decision.height !== this.#voterSets.length)
      return undefined;
    const block = decodeLightBlock(event.block);
    if (block === undefined) return undefined;
    this.#electorate.finalise(block, event.decision);
    this.#voterSets.push(this.#electorate.voterSet);
    return block;
  }

  /** Who votes at this height; undefined while that is not settled. */
  votersAt(height: number): VoterSet | undefined {
    return this.#voterSets[height - 1];
  }
}
