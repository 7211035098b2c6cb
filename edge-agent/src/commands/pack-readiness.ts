import type { BatterySample, Command } from "@voltfog/messages";
import type { PackAbilities } from "../sampling/battery-source.ts";

/** Hotter than this nothing is heated. */
const heatingMax_degC = 35;
/** Cells below this voltage are not bled. */
const bleedMin_mV = 3000;

/**
 * Why the pack cannot or must not do what a command asks, by what it is built of and by its last reading;
 * empty where it can. Before the first reading nothing that acts on cells is done.
 */
export function unreadiness(
  command: Command,
  pack: { readonly abilities: PackAbilities; readonly latest: BatterySample | undefined },
): string {
  const { abilities, latest } = pack;
  switch (command.kind) {
    case "limit-charge-current":
    case "limit-discharge-current":
      return "";
    case "request-cooling":
      return abilities.cooling ? "" : "the pack has no cooling that can be asked";
    case "request-heating":
      if (!abilities.heating) return "the pack has no heater that can be asked";
      return command.value === 0 ? "" : tooWarmToHeat(latest);
    case "balance-cells":
      return noBalancing({ cells: command.cells ?? { bleed: [], fill: [] }, abilities, latest });
  }
}

function tooWarmToHeat(latest: BatterySample | undefined): string {
  if (latest === undefined) return "the pack was not read yet";
  const hottest_degC = Math.max(...latest.temperature_degC);
  if (hottest_degC < heatingMax_degC) return "";
  return `a sensor reads ${hottest_degC} °C, heating ends at ${heatingMax_degC} °C`;
}

function noBalancing(options: {
  cells: NonNullable<Command["cells"]>;
  abilities: PackAbilities;
  latest: BatterySample | undefined;
}): string {
  const { bleed, fill } = options.cells;
  const { abilities, latest } = options;
  if (!abilities.bleeding) return "the cells of this pack cannot be balanced on demand";
  if (fill.length > 0) return "the pack has no converters: cells can be bled, not filled";
  if (bleed.length === 0) return "";
  if (latest === undefined) return "the pack was not read yet";
  const cells = latest.cellVoltage_mV.length;
  const beyond = bleed.find((cell) => cell >= cells);
  if (beyond !== undefined) return `there is no cell ${beyond + 1}, the pack has ${cells}`;
  const low = bleed.find((cell) => (latest.cellVoltage_mV[cell] ?? 0) < bleedMin_mV);
  if (low === undefined) return "";
  return `cell ${low + 1} is at ${latest.cellVoltage_mV[low]} mV, bleeding ends at ${bleedMin_mV} mV`;
}
