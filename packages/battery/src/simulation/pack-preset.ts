import { lfpSimulated, lmoSimulated, nmcSimulated, type SimulatedCell } from "./simulated-cell.ts";

/** A pack that the simulator can build. */
export interface PackPreset {
  readonly id: PackPresetId;
  readonly cell: SimulatedCell;
  /** In series. */
  readonly cells: number;
  readonly sensors: number;
  readonly capacity_Ah: number;
}

export type PackPresetId = "nmc96" | "lfp100" | "lmo48";

/** A temperature sensor for about every fourth cell, so a faulty cell may have none of its own. */
export const packPresets: Readonly<Record<PackPresetId, PackPreset>> = {
  nmc96: { id: "nmc96", cell: nmcSimulated, cells: 96, sensors: 24, capacity_Ah: 150 },
  lfp100: { id: "lfp100", cell: lfpSimulated, cells: 100, sensors: 25, capacity_Ah: 150 },
  lmo48: { id: "lmo48", cell: lmoSimulated, cells: 48, sensors: 12, capacity_Ah: 66 },
};
