/** Which measurement a sensor fault is in: one cell's voltage, one temperature place, or the pack current. */
export type FaultySensor = "voltage" | "temperature" | "current";

/**
 * A fault with what is true about it. Cells and sensor places count from 0; `onset_s` counts from the
 * start of the simulation, and nothing differs before it.
 */
export type Fault = { readonly onset_s: number } & (
  | { readonly kind: "internal-short"; readonly cell: number; readonly resistance_Ohm: number }
  | {
      readonly kind: "weak-cell";
      readonly cell: number;
      /** Shares of what the cell had: 0.1 is a tenth less capacity, 0.5 half again the resistance. */
      readonly capacityLoss: number;
      readonly resistanceRise: number;
    }
  | { readonly kind: "connection"; readonly cell: number; readonly resistance_mOhm: number }
  /** What is left of the heat transfer to the coolant. */
  | { readonly kind: "cooling-loss"; readonly remaining: number }
  | { readonly kind: "sensor-stuck"; readonly sensor: FaultySensor; readonly place: number }
  /** Per hour, in mV, °C or A. */
  | {
      readonly kind: "sensor-drift";
      readonly sensor: FaultySensor;
      readonly place: number;
      readonly perHour: number;
    }
  /** In mV, °C or A. */
  | {
      readonly kind: "sensor-offset";
      readonly sensor: FaultySensor;
      readonly place: number;
      readonly offset: number;
    }
  /** A voltage reads 0, a temperature the −60 °C of an open thermistor, a current 0. */
  | { readonly kind: "sensor-open"; readonly sensor: FaultySensor; readonly place: number }
  /** The contactors do not open: what the link draws goes on while parked. */
  | { readonly kind: "contactor-weld" }
  | { readonly kind: "insulation-loss"; readonly resistance_Ohm: number }
  /** Share of samples that never arrive. */
  | { readonly kind: "packet-loss"; readonly share: number }
  /** How fast the vehicle's wall clock runs away, in millionths. */
  | { readonly kind: "clock-skew"; readonly ppm: number }
);

export type FaultKind = Fault["kind"];
