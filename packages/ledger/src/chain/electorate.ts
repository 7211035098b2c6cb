import { equalBytes } from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import type { KeySuccession } from "../modules/key-succession.ts";
import { successionsIn } from "../modules/validators.ts";
import type { StateTree } from "../state/state-tree.ts";
import { validatorsAfter } from "./validator-set.ts";

/** Who decided a chain's head and who decides the next block, with the successions that led there. */
export class Electorate {
  readonly #genesis: Genesis;
  readonly head: readonly Validator[];
  readonly next: readonly Validator[];
  readonly successions: readonly KeySuccession[];

  private constructor(options: {
    genesis: Genesis;
    head: readonly Validator[];
    next: readonly Validator[];
    successions: readonly KeySuccession[];
  }) {
    this.#genesis = options.genesis;
    this.head = options.head;
    this.next = options.next;
    this.successions = options.successions;
  }

  /** At a head of this epoch with this state. */
  static at(options: { genesis: Genesis; state: StateTree; epoch: number }): Electorate {
    const { genesis, epoch } = options;
    const successions = successionsIn(options.state);
    const head = validatorsAfter(genesis, successions.slice(0, epoch));
    const next = validatorsAfter(genesis, successions);
    return new Electorate({ genesis, head, next, successions });
  }

  /** Once the next block with this state is the head. One look at the state where nothing changed. */
  after(state: StateTree): Electorate {
    const genesis = this.#genesis;
    const successions = successionsIn(state, this.successions);
    const isSame = successions === this.successions;
    const next = isSame ? this.next : validatorsAfter(genesis, successions);
    return new Electorate({ genesis, head: this.next, next, successions });
  }

  /** Whose key it is or was, under its present key. */
  ownerOf(key: Uint8Array): Validator | undefined {
    let newest = key;
    for (const { oldKey, newKey } of this.successions) {
      if (equalBytes(oldKey, newest)) newest = newKey;
    }
    return this.next.find(({ voteKey }) => equalBytes(voteKey, newest));
  }
}
