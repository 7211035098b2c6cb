import { assert, equalBytes, toHex } from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import {
  decodeKeyOwner,
  decodeMembership,
  isQuarantined,
  type PendingSetChange,
  validatorRecordOf,
} from "../modules/consortium-records.ts";
import type { KeySuccession } from "../modules/key-succession.ts";
import type { Roster } from "../modules/module.ts";
import { keyName, membershipName, successionName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { changedSet, type EpochStep } from "./epoch-step.ts";
import { stepsIn } from "./epochs.ts";
import { RulesInForce } from "./rules-in-force.ts";
import type { Seat } from "./seat.ts";
import { isTermEnd, seatTurns, type TurnShare } from "./seat-turns.ts";

interface Position {
  readonly genesis: Genesis;
  readonly state: StateTree;
  /** Of the head. */
  readonly height: number;
}

interface Members {
  readonly head: readonly Seat[];
  readonly next: readonly Seat[];
  /** Of every vote key that ever stood. */
  readonly owners: ReadonlyMap<string, Validator>;
}

/** Who decided a chain's head, who decides the next block and by which rules, with the steps that led there. */
export class Electorate implements Roster {
  readonly #genesis: Genesis;
  readonly #height: number;
  readonly #mark: Uint8Array | undefined;
  readonly #members: Members;
  readonly #rules: RulesInForce;
  /** Those that the state holds; one that is decided and not yet recorded is `pending`. */
  readonly steps: readonly EpochStep[];
  readonly successions: readonly KeySuccession[];
  readonly pending: PendingSetChange | undefined;

  private constructor(
    options: Position & {
      steps: readonly EpochStep[];
      pending: PendingSetChange | undefined;
      members: Members;
      rules: RulesInForce;
    },
  ) {
    this.#genesis = options.genesis;
    this.#height = options.height;
    this.#mark = options.state.get(membershipName);
    this.#members = options.members;
    this.#rules = options.rules;
    this.steps = options.steps;
    this.successions = options.steps.filter((step) => step.kind === "succession");
    this.pending = options.pending;
  }

  /** At a head of this height and epoch with this state. Costs a look at every epoch and seat. */
  static at(options: Position & { epoch: number }): Electorate {
    const steps = stepsIn(options.state);
    const { pending } = decodeMembership(options.state.get(membershipName));
    const members = membersOf({ ...options, steps, pending });
    const rules = RulesInForce.in(options);
    return new Electorate({ ...options, steps, pending, members, rules });
  }

  /** Once the next block with this state is the head. Two looks at the state where nothing changed. */
  after(state: StateTree): Electorate {
    const { steps, pending, next } = this;
    const genesis = this.#genesis;
    const height = this.#height + 1;
    const isSame =
      isSameValue(state.get(membershipName), this.#mark) &&
      state.get(successionName(this.successions.length + 1)) === undefined &&
      pending?.decidedHeight !== height - 1 &&
      !isTermEnd(genesis, height);
    if (!isSame) return Electorate.at({ genesis, state, height, epoch: this.epoch });
    const members = { head: next, next, owners: this.#members.owners };
    const rules = this.#rules;
    return new Electorate({ genesis, state, height, steps, pending, members, rules });
  }

  /** The set that decided the head. */
  get head(): readonly Seat[] {
    return this.#members.head;
  }

  /** The set that decides the next block. */
  get next(): readonly Seat[] {
    return this.#members.next;
  }

  get seats(): readonly Seat[] {
    return this.next;
  }

  /** Of the next block: steps from the genesis file's validators to those who decide it. */
  get epoch(): number {
    return this.steps.length + (isNamed(this.pending, this.#height) ? 1 : 0);
  }

  /** Whether the next block's header names a set that was voted for, and nothing else of vote keys. */
  get isNextToName(): boolean {
    return this.pending?.decidedHeight === this.#height;
  }

  get setChanges(): number {
    return this.steps.length - this.successions.length;
  }

  /** Of a module's rules in the next block. */
  versionOf(module: number): number {
    return this.#rules.versionOf(module, this.#height + 1);
  }

  /** Whether an organisation left the consortium. */
  hasLeft(organisation: string): boolean {
    return this.#rules.hasLeft(organisation);
  }

  /** Whose key it is or was, under its present key or, where it left, its last one. */
  ownerOf(key: Uint8Array): Validator | undefined {
    return this.#members.owners.get(toHex(key));
  }
}

/** Whether the head's header names the set with this change: who was voted in or out counts from the next block. */
function isNamed(pending: PendingSetChange | undefined, height: number): boolean {
  return pending !== undefined && height > pending.decidedHeight;
}

function membersOf(
  options: Position & {
    epoch: number;
    steps: readonly EpochStep[];
    pending: PendingSetChange | undefined;
  },
): Members {
  const { genesis, height, epoch, pending } = options;
  const last = new Map<string, Validator>();
  const keys = new Map<string, string>();
  const note = (validators: readonly Validator[]): void => {
    for (const one of validators) {
      last.set(one.id, one);
      keys.set(toHex(one.voteKey), one.id);
    }
  };
  let set: readonly Validator[] = genesis.validators;
  let head = set;
  note(set);
  for (const [at, step] of options.steps.entries()) {
    set = named(set, step, options);
    note(set);
    if (at < epoch) head = set;
  }
  if (pending !== undefined && isNamed(pending, height)) set = withPending(set, pending, options);
  note(set);
  const owners = new Map<string, Validator>();
  for (const [key, id] of keys) {
    const owner = last.get(id);
    if (owner !== undefined) owners.set(key, owner);
  }
  const seated = (validators: readonly Validator[]): readonly Seat[] => {
    const turns = seatTurns({ ...options, validators });
    return validators.map((one, place) => seatOf(one, { ...options, turns: turns[place] }));
  };
  return { head: seated(head), next: seated(set), owners };
}

/** The set after a step, with the name that the state has for who was admitted. */
function named(
  set: readonly Validator[],
  step: EpochStep,
  { state, genesis }: Position,
): readonly Validator[] {
  const next = changedSet(set, step);
  assert(next !== undefined, "the chain records steps from the set that stood");
  if (step.kind === "succession" || "removed" in step.change) return next;
  const { admitted } = step.change;
  const id = decodeKeyOwner(state.get(keyName(admitted)))?.id ?? "";
  const record = validatorRecordOf({ state, genesis, id });
  const organisation = record?.organisation ?? "";
  return [...set, { id, organisation, voteKey: admitted }];
}

function withPending(
  set: readonly Validator[],
  { kind, id }: PendingSetChange,
  { state, genesis }: Position,
): readonly Validator[] {
  if (kind === "removed") return set.filter((one) => one.id !== id);
  const record = validatorRecordOf({ state, genesis, id });
  assert(record !== undefined, "who is admitted has a record");
  return [...set, { id, organisation: record.organisation, voteKey: record.voteKey }];
}

function seatOf(
  validator: Validator,
  { state, genesis, turns }: Position & { turns: TurnShare | undefined },
): Seat {
  const { id } = validator;
  const contact = validatorRecordOf({ state, genesis, id })?.contact;
  const quarantined = isQuarantined(state, id);
  return {
    ...validator,
    ...contact,
    weight: turns?.weight ?? 0,
    rank: turns?.rank ?? 0,
    quarantined,
  };
}

function isSameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return equalBytes(a, b);
}
