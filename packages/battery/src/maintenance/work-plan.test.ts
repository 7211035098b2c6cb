import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cheapestAssignment } from "./cheapest-assignment.ts";
import { type Depot, planGreedily, planWork, type WorkRequest } from "./work-plan.ts";

/** The least sum over every way to give each row a column of its own. */
function leastByTrying(costs: readonly (readonly number[])[], taken = new Set<number>()): number {
  const [own, ...rest] = costs;
  if (own === undefined) return 0;
  return Math.min(
    ...own.flatMap((cost, column) =>
      taken.has(column) ? [] : [cost + leastByTrying(rest, new Set([...taken, column]))],
    ),
  );
}

const matrices = fc
  .integer({ min: 1, max: 5 })
  .chain((rows) =>
    fc
      .integer({ min: rows, max: 6 })
      .chain((columns) =>
        fc.array(
          fc.array(fc.integer({ min: -50, max: 50 }), { minLength: columns, maxLength: columns }),
          { minLength: rows, maxLength: rows },
        ),
      ),
  );

const orders = fc.array(
  fc.record({
    waitingPerDay_EUR: fc.integer({ min: 0, max: 90 }),
    earliestDay: fc.integer({ min: 0, max: 3 }),
    travel_EUR: fc.record({
      north: fc.integer({ min: 0, max: 200 }),
      south: fc.integer({ min: 0, max: 200 }),
    }),
  }),
  { maxLength: 12 },
);
const capacities = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 });

function named(list: readonly Omit<WorkRequest, "orderId">[]): readonly WorkRequest[] {
  return list.map((order, i) => ({ ...order, orderId: `order-${i}` }));
}

function depotsOf(north: readonly number[], south: readonly number[]): readonly Depot[] {
  return [
    { depotId: "north", capacity: north },
    { depotId: "south", capacity: south },
  ];
}

describe("an assignment", () => {
  it("is as cheap as the best of all", () => {
    fc.assert(
      fc.property(matrices, (costs) => {
        const chosen = cheapestAssignment(costs);
        expect(new Set(chosen).size).toBe(costs.length);
        const sum = chosen.reduce((total, column, row) => total + (costs[row]?.[column] ?? 0), 0);
        expect(sum).toBe(leastByTrying(costs));
      }),
    );
  });
});

describe("a plan of workshop days", () => {
  it("keeps every depot's capacity, no order before its day, and each order once", () => {
    fc.assert(
      fc.property(orders, capacities, capacities, (list, north, south) => {
        const requests = named(list);
        const depots = depotsOf(north, south);
        const { slots, unplaced } = planWork(requests, depots);
        const ids = [...slots.map(({ orderId }) => orderId), ...unplaced];
        expect(ids.sort()).toEqual(requests.map(({ orderId }) => orderId).sort());
        for (const { depotId, capacity } of depots) {
          capacity.forEach((count, day) => {
            const used = slots.filter((slot) => slot.depotId === depotId && slot.day === day);
            expect(used.length).toBeLessThanOrEqual(count);
          });
        }
        for (const { orderId, day } of slots) {
          const order = requests.find((one) => one.orderId === orderId);
          expect(day).toBeGreaterThanOrEqual(order?.earliestDay ?? 0);
        }
      }),
    );
  });

  it("costs no more than one made greedily", () => {
    fc.assert(
      fc.property(orders, capacities, capacities, (list, north, south) => {
        const depots = depotsOf(north, south);
        const exact = planWork(named(list), depots).cost_EUR;
        expect(exact).toBeLessThanOrEqual(planGreedily(named(list), depots).cost_EUR + 1e-6);
      }),
    );
  });

  it("lets a cheaper wait go first where that saves a long way", () => {
    const requests = [
      { orderId: "a", waitingPerDay_EUR: 50, travel_EUR: { north: 0, south: 10 } },
      { orderId: "b", waitingPerDay_EUR: 40, travel_EUR: { north: 0, south: 500 } },
    ];
    const depots = depotsOf([1, 0], [1, 0]);
    expect(planWork(requests, depots).cost_EUR).toBe(10);
    expect(planGreedily(requests, depots).cost_EUR).toBe(40);
  });

  it("comes to an end with numbers that are none", () => {
    const requests = [
      { orderId: "a", waitingPerDay_EUR: Number.NaN, travel_EUR: { north: 3 } },
      { orderId: "b", waitingPerDay_EUR: 5, travel_EUR: { north: Number.NaN } },
      { orderId: "c", waitingPerDay_EUR: Number.POSITIVE_INFINITY, travel_EUR: { north: 4 } },
    ];
    const plan = planWork(requests, depotsOf([2, Number.NaN, -1], []));
    expect(plan.unplaced).toContain("b");
    expect(Number.isFinite(plan.cost_EUR)).toBe(true);
    expect(Number.isFinite(planGreedily(requests, depotsOf([2], [])).cost_EUR)).toBe(true);
  });

  it("without any place leaves all orders waiting", () => {
    const requests = [{ orderId: "a", waitingPerDay_EUR: 50, travel_EUR: { north: 0 } }];
    expect(planWork(requests, []).unplaced).toEqual(["a"]);
    expect(planWork([], depotsOf([1], [])).cost_EUR).toBe(0);
  });
});
