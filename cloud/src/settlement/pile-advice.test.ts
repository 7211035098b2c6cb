import { describe, expect, it } from "vitest";
import { adviceOf } from "./pile-advice.ts";

const listed = { pile: "pile-1", operator: "operator-1", offered_min: 600 };
const hour_ms = 3_600_000;

function advice(window_d: number, busy_h: number): { advice: string; utilisation: number } {
  const use = { pile: "pile-1", sessions: 3, energy_Wh: 12_000, busy_ms: busy_h * hour_ms };
  return adviceOf(listed, use, window_d);
}

describe("advice about a pile", () => {
  it("counts the use by the hours that the pile is offered", () => {
    expect(advice(10, 50)).toMatchObject({ advice: "ordinary", utilisation: 0.5, sessions: 3 });
  });

  it("calls a pile idle below a twentieth of its time, and another one missing from three fifths on", () => {
    expect(advice(10, 4.9).advice).toBe("idle");
    expect(advice(10, 5).advice).toBe("ordinary");
    expect(advice(10, 59.9).advice).toBe("ordinary");
    expect(advice(10, 60).advice).toBe("missing");
    expect(adviceOf(listed, undefined, 10)).toMatchObject({ advice: "idle", energy_Wh: 0 });
  });

  it("says nothing before a day is over", () => {
    expect(advice(0.99, 0)).toMatchObject({ advice: "early" });
    expect(advice(1, 0)).toMatchObject({ advice: "idle" });
  });
});
