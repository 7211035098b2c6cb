import type { Genesis } from "../genesis/genesis.ts";
import {
  admittedOrganisations,
  isMember,
  type ModuleVersionRecord,
  moduleVersionOf,
  versionAt,
} from "../modules/consortium-records.ts";
import { moduleNumber } from "../modules/module.ts";
import type { StateTree } from "../state/state-tree.ts";

/** What the consortium's votes left in force, read from the state once for all blocks until the next vote. */
export class RulesInForce {
  readonly #versions: ReadonlyMap<number, ModuleVersionRecord>;
  readonly #removed: ReadonlySet<string>;

  private constructor(options: {
    versions: ReadonlyMap<number, ModuleVersionRecord>;
    removed: ReadonlySet<string>;
  }) {
    this.#versions = options.versions;
    this.#removed = options.removed;
  }

  /** Costs a look at every module and organisation. */
  static in(options: { genesis: Genesis; state: StateTree }): RulesInForce {
    const { genesis, state } = options;
    const versions = new Map<number, ModuleVersionRecord>();
    for (const module of Object.values(moduleNumber)) {
      const record = moduleVersionOf(state, module);
      if (record !== undefined) versions.set(module, record);
    }
    const ids = [...genesis.organisations.map(({ id }) => id), ...admittedOrganisations(state)];
    const removed = new Set(ids.filter((id) => !isMember({ state, genesis, id })));
    return new RulesInForce({ versions, removed });
  }

  /** Of a module's rules at a height; 1 until the consortium voted on another. */
  versionOf(module: number, height: number): number {
    return versionAt(this.#versions.get(module), height);
  }

  /** Whether an organisation has left: what its units send is no longer taken. */
  hasLeft(organisation: string): boolean {
    return this.#removed.has(organisation);
  }
}
