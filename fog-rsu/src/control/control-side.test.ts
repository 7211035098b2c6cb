import { ManualClock, silentLogger } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { capacityOf, usedBy } from "./capacity.ts";
import { type Peer, PeerProbes } from "./peer-probes.ts";

function probes(way_ms: (peer: Peer) => number | "none"): {
  target: PeerProbes;
  opened: string[];
  closed: string[];
  rounds: (count: number) => Promise<void>;
} {
  const clock = new ManualClock(1000);
  const [opened, closed]: [string[], string[]] = [[], []];
  const target = new PeerProbes({
    clock,
    open(peer) {
      opened.push(peer.unitId);
      return {
        async probe() {
          const took_ms = way_ms(peer);
          if (took_ms === "none") throw new Error("no answer");
          await Promise.resolve(); // The clock is not moved while it moves.
          clock.advance(took_ms);
        },
        close: () => closed.push(peer.unitId),
      };
    },
  });
  const rounds = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      clock.advance(1000);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { target, opened, closed, rounds };
}

const peer = (n: number): Peer => ({ unitId: `unit-${n}`, url: `https://10.0.0.${n}:1` });

test("the way to each peer is the median of the latest answers, and a slower one shows in three", async () => {
  let way_ms: number | "none" = 2;
  const { target, rounds } = probes(() => way_ms);
  target.follow([peer(2)]);
  target.start();
  await rounds(5);
  expect(target.latencies).toMatchObject([{ unitId: "unit-2", latency_ms: 2 }]);
  way_ms = 80;
  await rounds(2);
  expect(target.latencies).toMatchObject([{ latency_ms: 2 }]);
  await rounds(1);
  expect(target.latencies).toMatchObject([{ latency_ms: 80 }]);
  way_ms = "none";
  await rounds(1);
  expect(target.latencies).toMatchObject([{ latency_ms: null }]);
  target.stop();
});

test("peers that stay keep their connection, others are closed", () => {
  const { target, opened, closed } = probes(() => 1);
  target.follow([peer(1), peer(2)]);
  target.follow([peer(2), peer(3)]);
  expect([opened, closed]).toEqual([["unit-1", "unit-2", "unit-3"], ["unit-1"]]);
  target.stop();
  expect(closed.sort()).toEqual(["unit-1", "unit-2", "unit-3"]);
});

test("a unit has no more capacity than its machine, whatever the settings say", () => {
  const machine = { cpu: 2, memory_MB: 4000 };
  expect(capacityOf({ cpu: 64, memory_MB: 100 }, machine, silentLogger)).toEqual({
    cpu: 2,
    memory_MB: 100,
  });
});

test("what is used is what the functions' manifests ask for those they serve and stand by for", () => {
  const costs = { cpuPerVehicle: 0.01, memoryPerVehicle_MB: 2 };
  const functions = [
    { ...costs, vehicles: ["vehicle-01"], standby: ["vehicle-02"] },
    { ...costs, vehicles: null, standby: [] },
  ];
  expect(usedBy(functions, 3)).toEqual({ cpu: 0.04, memory_MB: 10 });
});
