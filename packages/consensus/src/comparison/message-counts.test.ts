import { expect, test } from "vitest";
import { simulatedCrypto as crypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { type MachineInput, type RunningMachine, runMachine } from "./machine.ts";
import type { ComparisonMessage } from "./message.ts";
import { createProofOfWork } from "./proof-of-work.ts";
import { createPublishedAuthority } from "./published-authority.ts";
import { createRaft } from "./raft/raft.ts";

/** Replicas that hear each other at once and in order; nothing but inputs makes time pass. */
class Circle {
  readonly machines: readonly RunningMachine[];
  readonly sent: ComparisonMessage[] = [];
  readonly #due: { to: number; input: MachineInput }[] = [];

  constructor(machines: readonly RunningMachine[]) {
    this.machines = machines;
  }

  give(to: number, input: MachineInput): void {
    this.#due.push({ to, input });
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) {
      this.#step(next.to, next.input);
    }
  }

  #step(self: number, input: MachineInput): void {
    const now_ms = input.now_ms;
    for (const effect of this.machines[self]?.(input) ?? []) {
      if (effect.type === "gather") {
        const records = this.sent.length > 0 ? [] : [new Uint8Array(200)];
        this.#step(self, { type: "gathered", now_ms, ask: effect.ask, records });
      }
      if (effect.type !== "send") continue;
      for (const to of effect.to) {
        this.sent.push(effect.message);
        this.#due.push({
          to,
          input: { ...{ type: "message", now_ms }, from: self, message: effect.message },
        });
      }
    }
  }
}

const circleOf = (n: number, machineOf: (self: number) => RunningMachine): Circle =>
  new Circle(Array.from({ length: n }, (_, self) => machineOf(self)));

const kinds = (circle: Circle): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { type } of circle.sent) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

const sizes = [4, 7, 10];

test.each(sizes)(
  "raft sends 4(n - 1) messages for a block, half of them to say that it is final: n = %i",
  (n) => {
    const circle = circleOf(n, (self) =>
      runMachine(
        createRaft({
          ...{ crypto, replicas: n, self, seed: 0 },
          ...{ electionTimeout_ms: 150, heartbeat_ms: 50, blockInterval_ms: 0 },
        }),
        [],
      ),
    );
    circle.give(0, { type: "timer", now_ms: 0, timer: "election" });
    circle.sent.length = 0;
    circle.give(0, { type: "records-waiting", now_ms: 1 });
    expect(kinds(circle)).toEqual({ append: 2 * (n - 1), appended: 2 * (n - 1) });
  },
);

test.each(sizes)(
  "the published authority sends its block to n - 1, and nobody answers: n = %i",
  (n) => {
    const keys = Array.from({ length: n }, (_, i) => simulatedSigner(i).publicKey);
    const circle = circleOf(n, (self) =>
      runMachine(
        createPublishedAuthority({
          ...{ crypto, keys, signer: simulatedSigner(self), self, committee: 3 },
          ...{
            start_ms: 0,
            blockInterval_ms: 1000,
            epochSlots: 8,
            finalDepth: 0,
            announce_ms: 1000,
          },
        }),
        [],
      ),
    );
    for (let self = 0; self < n; self++) circle.give(self, { type: "started", now_ms: 0 });
    circle.sent.length = 0;
    for (let self = 0; self < n; self++) {
      circle.give(self, { type: "timer", now_ms: 1000, timer: "slot" });
    }
    expect(kinds(circle)).toEqual({ block: n - 1 });
  },
);

test.each(sizes)("a miner sends its block to n - 1, and nobody answers: n = %i", (n) => {
  const circle = circleOf(n, (self) =>
    runMachine(
      createProofOfWork({
        ...{ crypto, replicas: n, self, hashesPerBlock: 1 },
        ...{ refresh_ms: 250, announce_ms: 1000 },
      }),
      [],
    ),
  );
  const block = {
    ...{ height: 1, parent: new Uint8Array(32), author: 0, round: 0, made_ms: 0, nonce: 0 },
    ...{ records: [], signature: new Uint8Array() },
  };
  circle.give(0, { type: "mined", now_ms: 0, block });
  expect(kinds(circle)).toEqual({ block: n - 1 });
});
