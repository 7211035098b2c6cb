/**
 * The currents of strings in parallel: each is a source E behind a resistance R, all see one terminal
 * voltage V = (I + ΣE/R) / Σ(1/R), and string k carries (V − E)/R. Charge positive. Writes the currents
 * into `current_A` and gives the terminal voltage. Exact; a string that is fuller than the others
 * discharges into them.
 */
export function shareCurrents(o: {
  total_A: number;
  source_V: Float64Array;
  resistance_Ohm: Float64Array;
  current_A: Float64Array;
}): number {
  let flow_A = o.total_A;
  let conductance = 0;
  for (let k = 0; k < o.source_V.length; k++) {
    const resistance_Ohm = o.resistance_Ohm[k] ?? 1;
    flow_A += (o.source_V[k] ?? 0) / resistance_Ohm;
    conductance += 1 / resistance_Ohm;
  }
  const terminal_V = flow_A / conductance;
  for (let k = 0; k < o.source_V.length; k++) {
    o.current_A[k] = (terminal_V - (o.source_V[k] ?? 0)) / (o.resistance_Ohm[k] ?? 1);
  }
  return terminal_V;
}
