import { ManualClock, silentLogger } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { Leadership } from "./leadership.ts";

/** A unit as far as leadership goes: it keeps the highest term, and the first that claims it. */
class Unit {
  term = 0;
  id: string | undefined;
  heard_ms = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  beat(controller: Leadership): void {
    const { claim } = controller;
    if (claim !== undefined && claim.term > this.term) {
      this.term = claim.term;
      this.id = claim.controllerId;
    }
    if (claim?.term === this.term && claim.controllerId === this.id) {
      this.heard_ms = this.#clock.monotonic_ms();
    }
    controller.heard(this.view);
  }

  get view(): { term: number; leader: { id: string; silent_ms: number } | null } {
    const silent_ms = this.#clock.monotonic_ms() - this.heard_ms;
    return { term: this.term, leader: this.id === undefined ? null : { id: this.id, silent_ms } };
  }
}

function site(): {
  clock: ManualClock;
  units: readonly Unit[];
  controller: (id: string) => Leadership;
  round: (at: readonly (readonly [Leadership, readonly Unit[]])[], times?: number) => void;
} {
  const clock = new ManualClock(0);
  const units = [1, 2, 3, 4].map(() => new Unit(clock));
  return {
    clock,
    units,
    controller: (controllerId) =>
      new Leadership({
        controllerId,
        units: 4,
        takeOver_ms: 3000,
        term: 0,
        save() {},
        clock,
        logger: silentLogger,
      }),
    round(at, times = 1) {
      for (let i = 0; i < times; i++) {
        clock.advance(250);
        for (const [controller, reached] of at) {
          for (const unit of reached) unit.beat(controller);
          controller.review(reached.map(({ view }) => view));
        }
      }
    },
  };
}

describe("Leadership", () => {
  it("leads where nobody does, in a term above every one seen, and alone", () => {
    const { units, controller, round } = site();
    const [first, second] = [controller("controller"), controller("controller-2")];
    for (const unit of units) unit.term = 7;
    round([[first, units]], 2);
    expect(first).toMatchObject({ role: "leading", term: 8, isSure: true });
    round([[first, units], [second, units]], 100); // biome-ignore format: one line
    expect(second).toMatchObject({ role: "passive", leader: "controller", claim: undefined });
  });

  it("takes over in a new term when the leader was silent for the stated time, not before", () => {
    const { units, controller, round } = site();
    const [first, second] = [controller("controller"), controller("controller-2")];
    round([[first, units]], 2);
    round([[second, units]], 11);
    expect(second.role).toBe("passive");
    round([[second, units]], 3);
    expect(second).toMatchObject({ role: "leading", term: 2 });
  });

  it("is not sure of itself after it stood still, and steps back at the first answer of a newer term", () => {
    const { units, controller, round } = site();
    const [first, second] = [controller("controller"), controller("controller-2")];
    round([[first, units]], 2);
    round([[second, units]], 20);
    expect(first).toMatchObject({ role: "leading", isSure: false });
    round([[first, units.slice(0, 1)]]);
    expect(first).toMatchObject({ role: "passive", leader: "controller-2", term: 2 });
    round([[first, units], [second, units]], 100); // biome-ignore format: one line
    expect([first.role, second.role]).toEqual(["passive", "leading"]);
  });

  it("does not take over on the side of a split that has no majority", () => {
    const { units, controller, round } = site();
    const [first, second] = [controller("controller"), controller("controller-2")];
    round([[first, units]], 2);
    round([[first, units.slice(0, 2)], [second, units.slice(2)]], 100); // biome-ignore format: one line
    expect([first.role, second.role]).toEqual(["leading", "passive"]);
  });

  it("two that claim one term at different units both step back, and one of them leads in the end", () => {
    const { units, controller, round } = site();
    const [first, second] = [controller("controller"), controller("controller-2")];
    round([[first, units.slice(0, 2)], [second, units.slice(2)]], 2); // biome-ignore format: one line
    expect([first.role, second.role]).toEqual(["leading", "leading"]);
    round([[first, units], [second, units]]); // biome-ignore format: one line
    expect([first.role, second.role]).toEqual(["passive", "passive"]);
    round([[first, units], [second, units]], 100); // biome-ignore format: one line
    expect([first.role, second.role].sort()).toEqual(["leading", "passive"]);
  });

  it("does not lead in a term that it could not save", () => {
    const clock = new ManualClock(0);
    const save = (): void => {
      throw new Error("no space");
    };
    const shared = { units: 1, takeOver_ms: 3000, term: 0, clock, logger: silentLogger };
    const leadership = new Leadership({ controllerId: "controller", save, ...shared });
    expect(leadership.review([{ term: 0, leader: null }])).toBe(false);
    expect(leadership.role).toBe("passive");
  });
});
