import type { Genesis } from "../genesis/genesis.ts";
import type { ProposerPolicy } from "../modules/consortium-change.ts";
import {
  admittedOrganisations,
  type ChangeRecord,
  changeRecordOf,
  decodeQuarantine,
  isQuarantined,
  type OrganisationRecord,
  organisationOf,
  type QuarantineRecord,
  type ValidatorRecord,
  validatorRecordOf,
} from "../modules/consortium-records.ts";
import { proposerPolicyIn, votesNeeded } from "../modules/consortium-rules.ts";
import { waitingChangesOf } from "../modules/consortium-votes.ts";
import { quarantineName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { Electorate } from "./electorate.ts";

/** A change that is or was voted on, under its id. */
export interface ListedChange extends ChangeRecord {
  readonly id: Uint8Array;
  /** Approvals that would decide it now, and those of present voters that it has. */
  readonly needed: number;
  readonly given: number;
}

/** What the chain's head says of the consortium, for those who show it. */
export class ConsortiumView {
  readonly #state: StateTree;
  readonly #genesis: Genesis;
  readonly #electorate: Electorate;
  readonly #height: number;

  constructor(options: {
    state: StateTree;
    genesis: Genesis;
    electorate: Electorate;
    /** Of the head. */
    height: number;
  }) {
    this.#state = options.state;
    this.#genesis = options.genesis;
    this.#electorate = options.electorate;
    this.#height = options.height;
  }

  /** Who gets the turns to propose. */
  get proposerPolicy(): ProposerPolicy {
    return proposerPolicyIn(this.#state);
  }

  /** Changes that the next block may decide, in the order of the seats that opened them. */
  changes(): readonly ListedChange[] {
    const state = this.#state;
    const height = this.#height + 1;
    return this.#electorate.next
      .flatMap(({ id: owner }) => waitingChangesOf({ state, owner, height }))
      .flatMap((id) => this.change(id) ?? []);
  }

  /** One change, also one that was decided or has expired. */
  change(id: Uint8Array): ListedChange | undefined {
    const record = changeRecordOf(this.#state, id);
    if (record === undefined) return undefined;
    const roster = { seats: this.#electorate.next };
    const { change, approvals } = record;
    const needed = votesNeeded({ change, state: this.#state, roster });
    const given = roster.seats.filter(
      (seat) => approvals.includes(seat.id) && !isQuarantined(this.#state, seat.id),
    ).length;
    return { ...record, id, needed, given };
  }

  /** Every organisation that is or was a member: the genesis file's, then the others as they came. */
  organisations(): readonly (OrganisationRecord & { readonly id: string })[] {
    const genesis = this.#genesis;
    const state = this.#state;
    const ids = [...genesis.organisations.map(({ id }) => id), ...admittedOrganisations(state)];
    return ids.flatMap((id) => {
      const record = organisationOf({ state, genesis, id });
      return record === undefined ? [] : [{ id, ...record }];
    });
  }

  /** A validator that is or was one; undefined where the chain never had it. */
  validator(id: string): ValidatorRecord | undefined {
    return validatorRecordOf({ state: this.#state, genesis: this.#genesis, id });
  }

  /** The last time that a validator was quarantined. */
  quarantine(id: string): QuarantineRecord | undefined {
    return decodeQuarantine(this.#state.get(quarantineName(id)));
  }
}
