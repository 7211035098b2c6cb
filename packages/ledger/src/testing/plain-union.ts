import type { UnionTerms } from "../modules/union-payloads.ts";

/** What somebody tries; who it concerns by place among people and organisations. */
export interface Step {
  readonly kind: StepKind;
  readonly who: number;
  readonly account: number;
  readonly organisation: number;
  readonly amount: number;
}

export type StepKind =
  | "deposit"
  | "withdraw"
  | "transfer"
  | "plus"
  | "minus"
  | "join"
  | "leave"
  | "penalise"
  | "fund"
  | "promote"
  | "delegate"
  | "undelegate"
  | "pass";

/**
 * The rules of accounts and union once more, as a book with a line for each place of money; the operator of
 * an organisation is the person of the same place. Knows no state tree and no transaction. For tests.
 */
export class PlainUnion {
  readonly #held = new Map<string, number>();
  readonly #members = new Set<number>();
  readonly #people: number;
  readonly #terms: UnionTerms;
  /** Paid and unpaid. */
  readonly blocks = [0, 0];

  constructor(options: { people: number; terms: UnionTerms }) {
    this.#people = options.people;
    this.#terms = options.terms;
  }

  /** People, platform, pool, promotion, then deposit and delegated of each organisation. */
  amounts(): number[] {
    const people = Array.from({ length: this.#people }, (_, i) => `person ${i}`);
    const pots = ["deposit 0", "delegated 0", "deposit 1", "delegated 1"];
    return [...people, "platform", "pool", "promotion", ...pots].map((one) => this.#of(one));
  }

  /** For a block that an organisation's validator proposed. */
  reward(organisation: number): void {
    if (!this.#members.has(organisation)) return;
    const { rewardPerBlock, promotionSharePpm } = this.#terms;
    const promotion = Math.floor((rewardPerBlock * promotionSharePpm) / 1_000_000);
    const isPaid = this.#of("pool") >= rewardPerBlock + promotion;
    const place = isPaid ? 0 : 1;
    this.blocks[place] = (this.blocks[place] ?? 0) + 1;
    if (!isPaid) return;
    this.#move("pool", `person ${organisation}`, rewardPerBlock);
    this.#move("pool", "promotion", promotion);
  }

  /** Whether the step can be done; then it is. */
  take(step: Step): boolean {
    const { amount, organisation } = step;
    const [person, account] = [`person ${step.who}`, `person ${step.account}`];
    switch (step.kind) {
      case "deposit":
        this.#add(person, amount);
        return true;
      case "withdraw":
        return this.#of(person) >= amount && this.#add(person, -amount);
      case "transfer":
        return person !== account && this.#move(person, account, amount);
      case "plus":
        return this.#move("platform", account, amount);
      case "minus":
        return this.#move(account, "platform", amount);
      case "join":
        return this.#join(organisation, amount);
      case "leave":
        return this.#leave(organisation);
      case "penalise":
        return (
          this.#members.has(organisation) && this.#move(`deposit ${organisation}`, "pool", amount)
        );
      case "fund":
        return this.#move(person, "pool", amount);
      case "promote":
        return this.#move("promotion", account, amount);
      case "delegate":
        return this.#delegate(step);
      case "undelegate":
        return this.#undelegate(step);
      case "pass":
        return true;
    }
  }

  #join(organisation: number, amount: number): boolean {
    const payer = `person ${organisation}`;
    if (this.#members.has(organisation) || amount < this.#terms.depositMin) return false;
    if (this.#of(payer) < amount) return false;
    const pooled = Math.floor((amount * this.#terms.poolSharePpm) / 1_000_000);
    this.#move(payer, "pool", pooled);
    this.#members.add(organisation);
    return this.#move(payer, `deposit ${organisation}`, amount - pooled);
  }

  #leave(organisation: number): boolean {
    const place = `deposit ${organisation}`;
    if (!this.#members.delete(organisation)) return false;
    return this.#move(place, `person ${organisation}`, this.#of(place));
  }

  #delegate({ who, organisation, amount }: Step): boolean {
    if (!this.#members.has(organisation)) return false;
    if (!this.#move(`person ${who}`, `delegated ${organisation}`, amount)) return false;
    return this.#add(`share of ${who} in ${organisation}`, amount);
  }

  #undelegate({ who, organisation, amount }: Step): boolean {
    const share = `share of ${who} in ${organisation}`;
    if (this.#of(share) < amount) return false;
    this.#add(share, -amount);
    return this.#move(`delegated ${organisation}`, `person ${who}`, amount);
  }

  #of(place: string): number {
    return this.#held.get(place) ?? 0;
  }

  #add(place: string, amount: number): true {
    this.#held.set(place, this.#of(place) + amount);
    return true;
  }

  #move(from: string, to: string, amount: number): boolean {
    if (this.#of(from) < amount) return false;
    this.#add(from, -amount);
    return this.#add(to, amount);
  }
}
