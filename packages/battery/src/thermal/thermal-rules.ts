import type { ThermalRules } from "./runaway-detector.ts";

/**
 * Chosen on the shared two thirds of the indentation tests and on the training drives Mixed1–8 of the
 * LG HG2, whose largest rise in 10 s is 0.8 °C and whose largest change in 1 s is 0.3 °C; the weights
 * by `voltfog train thermal`. See docs/specs/thermal-alert.md.
 */
export const thermalRules: ThermalRules = {
  limit_degC: 60,
  window_s: 10,
  rise_degC: 2,
  riseEach_degC: 0.8,
  restless_degC: 0.75,
  restlessFactor: 6,
  sagAtRest: 0.015,
  sagUnderLoad: 0.1,
  weights: [-2.61439, 0.342112, 0.460567, 0],
};
