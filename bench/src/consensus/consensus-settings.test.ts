import { describe, expect, it } from "vitest";
import { consensusFlags, parseSettings } from "./consensus-settings.ts";

const fallbacks = Object.fromEntries(consensusFlags.map(({ name, fallback }) => [name, fallback]));

describe("the flags of the consensus bench", () => {
  it("read as the row that is asked for where none is given", () => {
    expect(parseSettings(fallbacks)).toEqual({
      sizes: [4, 7, 10, 20],
      link: { mean_ms: 5, jitter_ms: 2 },
      blockInterval_ms: 400,
    });
  });

  it("take numbers of validators in any order, once each, and a link without ±", () => {
    const read = parseSettings({ ...fallbacks, n: "7,4,7", link: "25+-10", T: "1" });
    expect(read.sizes).toEqual([4, 7]);
    expect(read.link).toEqual({ mean_ms: 25, jitter_ms: 10 });
    expect(parseSettings({ ...fallbacks, link: "0" }).link).toEqual({ mean_ms: 0, jitter_ms: 0 });
  });

  it.each([
    ["engine", "pow"],
    ["n", "3"],
    ["n", "4,,7"],
    ["n", "32"],
    ["link", "5±6"],
    ["link", "-1"],
    ["link", "fast"],
    ["T", "0.05"],
    ["T", "soon"],
  ])("refuse --%s %s", (name, text) => {
    expect(() => parseSettings({ ...fallbacks, [name]: text })).toThrow(`--${name} does not read`);
  });
});
