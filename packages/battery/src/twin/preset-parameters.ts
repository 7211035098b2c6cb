import { a123Parameters } from "../cell/a123-26650.ts";
import type { CellParameters } from "../cell/cell-parameters.ts";
import { lgHg2Parameters } from "../cell/lg-hg2.ts";
import { leafParameters } from "../cell/nissan-leaf.ts";
import type { PackPresetId } from "../simulation/pack-preset.ts";

/** Which fitted circuit the filters of a preset's pack use. */
export const presetParameters: Readonly<Record<PackPresetId, CellParameters>> = {
  nmc96: lgHg2Parameters,
  lfp100: a123Parameters,
  lmo48: leafParameters,
};
