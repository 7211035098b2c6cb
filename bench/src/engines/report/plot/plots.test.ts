import { describe, expect, it } from "vitest";
import { dotPlot } from "./dot-plot.ts";
import { linePlot } from "./line-plot.ts";
import { linearScale, logScale, valueScale } from "./scale.ts";

const plot = {
  id: "p",
  title: "Messages <by> validators",
  xLabel: "validators",
  yLabel: "messages a block",
  yScale: "log",
  series: [
    { name: "pbft", ink: "pbft", points: [4, 64].map((x) => ({ x, y: 2 * x * (x - 1) })) },
    { name: "poa", ink: "poa", points: [] },
  ],
} as const;

describe("a scale", () => {
  it("begins at nothing and ends at a round number above all values", () => {
    const scale = linearScale([3, 8.51, 14.35]);
    expect(scale.ticks).toEqual([0, 5, 10, 15]);
    expect(scale.place(7.5)).toBeCloseTo(0.5);
  });

  it("has powers of ten around all values where it is logarithmic", () => {
    const scale = logScale([24, 8127]);
    expect(scale.ticks).toEqual([10, 100, 1000, 10_000]);
    expect([10, 10_000].map((value) => scale.place(value))).toEqual([0, 1]);
    expect(logScale([1e-3, 1e15]).ticks.length).toBeLessThanOrEqual(8);
  });

  it("names the values that there are, each once", () => {
    expect(valueScale([16, 4, 64, 4]).ticks).toEqual([4, 16, 64]);
    expect(valueScale([7]).place(7)).toBeCloseTo(0.03);
  });
});

describe("a plot of lines", () => {
  it("names its axes with their units, its lines, and every figure as a table", () => {
    const text = linePlot({ ...plot, limits: [{ name: "published", value: 200 }] });
    for (const part of ["validators", "messages a block", ">pbft<", "8,064", "published: 200"]) {
      expect(text).toContain(part);
    }
    expect(text).toContain("Messages &lt;by&gt; validators");
    expect(text).toMatch(/role="img" aria-label="[^"]*pbft 24 at 4, 8,064 at 64/);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("leaves out lines without points, and is nothing where none is left", () => {
    expect(linePlot(plot)).not.toContain(">poa<");
    expect(linePlot({ ...plot, series: plot.series.slice(1) })).toBe("");
  });

  it("stays inside its frame", () => {
    const text = linePlot(plot);
    const xs = [...text.matchAll(/ x1?="(-?[\d.]+)"/g)].map(([, x]) => Number(x));
    expect(xs.length).toBeGreaterThan(5);
    for (const x of xs) expect(x >= 0 && x <= 640).toBe(true);
  });
});

describe("a plot of dots", () => {
  it("puts published and measured values on one axis, and says them as text", () => {
    const text = dotPlot({
      id: "d",
      title: "Latency",
      xLabel: "latency, s",
      xScale: "linear",
      rows: [
        {
          name: "PoA",
          dots: [
            { kind: "published", ink: "published", value: 8.51 },
            { kind: "ours", ink: "final", value: 0.5 },
          ],
        },
        { name: "PoW", dots: [] },
      ],
    });
    expect(text).toContain('aria-label="latency, s: PoA: published 8.51, ours 0.5"');
    expect(text).not.toMatch(/NaN|Infinity|undefined|PoW/);
  });
});
