import { type Depot, planGreedily, planWork, type WorkRequest } from "@voltfog/battery";
import { type ReportRow, reportRow, SeededRandom } from "@voltfog/runtime";

const trials = 20;
const orders = 40;
const plan_d = 15;

/** Plans of random orders for three depots: what the exact plan saves against a greedy one. */
export function planTrials(seeds: readonly number[]): readonly ReportRow[] {
  const savings = seeds.flatMap((seed) =>
    Array.from({ length: trials }, (_, trial) => savingOf(seed * 1000 + trial)),
  );
  return [
    reportRow({
      metric: "maintenance.plan.saving_against_greedy",
      unit: "share",
      values: savings,
      goal: { sense: "at-least", goal: 0 },
    }),
  ];
}

function savingOf(seed: number): number {
  const random = new SeededRandom(seed);
  const requests = Array.from({ length: orders }, (_, i): WorkRequest => {
    // Most can wait, a few cannot.
    const waitingPerDay_EUR = 2 + 80 * random.uniform() ** 4;
    const travel = (): number => Math.round(20 + 200 * random.uniform());
    return {
      orderId: `order-${i}`,
      waitingPerDay_EUR,
      earliestDay: Math.floor(3 * random.uniform()),
      travel_EUR: { north: travel(), south: travel(), west: travel() },
    };
  });
  const depots = ["north", "south", "west"].map(
    (depotId): Depot => ({
      depotId,
      // Closed on the last two days of a week.
      capacity: Array.from({ length: plan_d }, (_, day) => (day % 7 < 5 ? 1 : 0)),
    }),
  );
  const [exact, greedy] = [planWork(requests, depots), planGreedily(requests, depots)];
  return 1 - exact.cost_EUR / greedy.cost_EUR;
}
