/** What surrounds the cells. */
export interface Cooling {
  readonly inlet_degC: number;
  /** Share of the full heat transfer to the coolant; a parked pack with the pump off has less. */
  readonly share: number;
}

/** Per cell of 150 Ah: 2.2 kg of 1100 J/kgK, 3 W/K to the coolant, 1.5 W/K to each neighbour. */
const heatCapacityPerAh = (2.2 * 1100) / 150;
const coolingPerAh = 3 / 150;
const neighbourPerAh = 1.5 / 150;
/** Heat that the coolant carries per K: about 8 litres of water-glycol a minute. */
const coolantFlow = 450;
/** A cell answers within minutes, so longer steps are cut to stay stable. */
const substepMax_s = 60;

/**
 * Moves the temperatures on: m·cp·dT/dt = heat + k·(ΣTn − n·T) + hA·(Tc − T). The coolant passes the
 * cells of a string in series and is warmed by each, so the last cells are the warmest. In place; gives
 * the hottest. Explicit steps of at most 60 s.
 */
export function stepThermalNetwork(o: {
  cell_degC: Float64Array;
  heat_W: Float64Array;
  capacity_Ah: number;
  cellsPerString: number;
  cooling: Cooling;
  step_s: number;
}): number {
  const substeps = Math.max(1, Math.ceil(o.step_s / substepMax_s));
  let hottest_degC = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < substeps; n++) hottest_degC = substep(o, o.step_s / substeps);
  return hottest_degC;
}

function substep(o: Parameters<typeof stepThermalNetwork>[0], step_s: number): number {
  const { cell_degC, heat_W, cellsPerString, cooling } = o;
  const perJoule = step_s / (heatCapacityPerAh * o.capacity_Ah);
  const transfer = coolingPerAh * o.capacity_Ah * cooling.share;
  const between = neighbourPerAh * o.capacity_Ah;
  let coolant_degC = cooling.inlet_degC;
  let before_degC = cell_degC[0] ?? 0;
  let hottest_degC = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < cell_degC.length; i++) {
    if (i % cellsPerString === 0) {
      coolant_degC = cooling.inlet_degC;
      before_degC = cell_degC[i] ?? 0;
    }
    const own_degC = cell_degC[i] ?? 0;
    const isLast = (i + 1) % cellsPerString === 0;
    const next_degC = isLast ? own_degC : (cell_degC[i + 1] ?? own_degC);
    const taken_W = transfer * (own_degC - coolant_degC);
    const conducted_W = between * (before_degC + next_degC - 2 * own_degC);
    const after_degC = own_degC + ((heat_W[i] ?? 0) + conducted_W - taken_W) * perJoule;
    coolant_degC += taken_W / coolantFlow;
    before_degC = own_degC;
    cell_degC[i] = after_degC;
    if (after_degC > hottest_degC) hottest_degC = after_degC;
  }
  return hottest_degC;
}
