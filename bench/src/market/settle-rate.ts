import { DayClearing, type SessionRow } from "@voltfog/cloud";
import { costOf } from "@voltfog/market";
import { assert, type Clock, SeededRandom } from "@voltfog/runtime";

export const sessions = 100_000;
const operators = 20;
const tariff = { pricePerKWh: 400_000, sessionFee: 500_000 } as const;

/** Sessions of one day cleared between operators per second; what is owed must sum to nothing. */
export function settleRate(o: { seed: number; clock: Clock }): number {
  const random = new SeededRandom(o.seed);
  const rows = Array.from({ length: sessions }, (_, index) => sessionRow(index, random));
  const start_ms = o.clock.monotonic_ms();
  const clearing = new DayClearing();
  for (const row of rows) clearing.add(row);
  const { positions, sessions: cleared } = clearing.figures();
  const spent_ms = o.clock.monotonic_ms() - start_ms;
  assert(cleared === sessions, "every session is cleared");
  const sum = positions.reduce((total, { net }) => total + net, 0);
  assert(sum === 0, "what some owe, others get");
  return (1000 * sessions) / spent_ms;
}

function sessionRow(index: number, random: SeededRandom): SessionRow {
  const one = (): string => `operator-${1 + Math.floor(operators * random.uniform())}`;
  const energy_Wh = 1000 + Math.floor(50_000 * random.uniform());
  return {
    kind: "session",
    sessionId: index.toString(16).padStart(32, "0"),
    resultIndex: index,
    height: 1 + Math.floor(index / 100),
    transaction: "",
    settled_ms: 1_760_000_000_000 + index,
    operator: one(),
    home: one(),
    driver: "",
    chargePointKey: "",
    pileId: "",
    ...{ plugType: 2, power_W: 50_000, latitude_deg: 48.8, longitude_deg: 2.3 },
    ...{ started_ms: 0, ended_ms: 1 },
    ...{ meterBegin_Wh: 0, meterEnd_Wh: energy_Wh },
    ...tariff,
    beans_Wh: 0,
    cost: tariff.sessionFee + costOf({ energy_Wh, pricePerKWh: tariff.pricePerKWh }),
    meterHash: "",
    shortfall: 0,
  };
}
