import type { Random } from "@voltfog/runtime";
import { randomStream } from "../random-stream.ts";
import { type HistoryCharacter, historyPurposes } from "./history-vehicle.ts";

/**
 * What goes wrong over weeks to months. A sudden fault (contactor, electronics) shows nothing before it
 * fails: nobody could have told.
 */
export type HistoryFaultKind =
  | "internal-short"
  | "weak-cell"
  | "connection"
  | "cooling-loss"
  | "balancing-loss"
  | "sensor-drift"
  | "sudden";

/** A seeded fault: nothing differs before its onset; at its failure the vehicle goes to the workshop. */
export interface HistoryFault {
  readonly kind: HistoryFaultKind;
  /** Days of the history, 0 is its first. */
  readonly onsetDay: number;
  readonly failureDay: number;
  /** Which cell or place. */
  readonly cell: number;
}

/** What the faults do to a pack today. */
export interface FaultEffects {
  /** -1 where no single cell is hurt. */
  readonly cell: number;
  /** Share of the cell's charge that leaks a day. */
  readonly leak: number;
  readonly capacityLoss: number;
  readonly resistanceRise: number;
  readonly joint_Ohm: number;
  /** What is left of heat transfer and of balancing. */
  readonly cooling: number;
  readonly balancing: number;
  readonly sensor_mV: number;
}

const noEffects: FaultEffects = {
  ...{ cell: -1, leak: 0, capacityLoss: 0, resistanceRise: 0, joint_Ohm: 0 },
  ...{ cooling: 1, balancing: 1, sensor_mV: 0 },
};

const kinds: readonly (readonly [HistoryFaultKind, share: number, grow_d: number])[] = [
  ["internal-short", 0.18, 140],
  ["weak-cell", 0.2, 200],
  ["connection", 0.17, 150],
  ["cooling-loss", 0.13, 110],
  ["balancing-loss", 0.12, 260],
  ["sensor-drift", 0.08, 140],
  ["sudden", 0.12, 0],
];

/** Days in the workshop after a failure: no readings. */
export const repair_d = 5;
/** Failures per vehicle-year of a new vehicle in easy use; an assumption that makes a quarter fail in two years. */
const ratePerYear = 0.09;

/** The faults of one vehicle that begin within the history, oldest first, never two at once. */
export function drawFaults(o: {
  seed: number;
  vehicle: number;
  days: number;
  cells: number;
  character: HistoryCharacter;
}): readonly HistoryFault[] {
  const random = randomStream({ ...o, purpose: historyPurposes.faults });
  const { usage, ageBefore_d } = o.character;
  const hard = usage.kind === "taxi" ? 1.8 : usage.kind === "delivery" ? 1.3 : 1;
  const faults: HistoryFault[] = [];
  let free = 0;
  for (let day = 0; day < o.days; day++) {
    const age_d = ageBefore_d + day;
    const chance = (ratePerYear / 365) * hard * (1 + age_d / 1100);
    const isHit = random.uniform() < chance;
    if (!isHit || day < free) continue;
    const fault = drawFault({ day, random, cells: o.cells });
    faults.push(fault);
    free = fault.failureDay + repair_d + 1;
  }
  return faults;
}

function drawFault(o: { day: number; random: Random; cells: number }): HistoryFault {
  const { day, random } = o;
  let left = random.uniform();
  let [kind, , grow_d] = kinds[0] as (typeof kinds)[number];
  for (const [name, share, days] of kinds) {
    left -= share;
    [kind, grow_d] = [name, days];
    if (left <= 0) break;
  }
  const failureDay = day + Math.round(grow_d * (0.5 + random.uniform()));
  return { kind, onsetDay: day, failureDay, cell: Math.floor(o.cells * random.uniform()) };
}

/** What the faults do on a day: from nothing at the onset to the whole at the failure. */
export function effectsOn(faults: readonly HistoryFault[], day: number): FaultEffects {
  const fault = activeFault(faults, day);
  if (fault === undefined) return noEffects;
  const span_d = Math.max(1, fault.failureDay - fault.onsetDay);
  const severity = (day - fault.onsetDay) / span_d;
  return { ...noEffects, ...effectOf(fault.kind, severity), cell: fault.cell };
}

/** The fault that is there on a day and has not failed yet. */
export function activeFault(
  faults: readonly HistoryFault[],
  day: number,
): HistoryFault | undefined {
  return faults.find((fault) => day >= fault.onsetDay && day <= fault.failureDay);
}

/** Whether the vehicle stands in the workshop. */
export function isInWorkshop(faults: readonly HistoryFault[], day: number): boolean {
  return faults.some(({ failureDay }) => day > failureDay && day <= failureDay + repair_d);
}

function effectOf(kind: HistoryFaultKind, severity: number): Partial<FaultEffects> {
  switch (kind) {
    case "internal-short":
      return { leak: 0.012 * severity ** 2 };
    case "weak-cell":
      return { capacityLoss: 0.22 * severity, resistanceRise: 1.2 * severity };
    case "connection":
      return { joint_Ohm: 0.0014 * severity ** 1.5 };
    case "cooling-loss":
      return { cooling: 1 - 0.9 * severity };
    case "balancing-loss":
      return { balancing: Math.max(0, 1 - 4 * severity) };
    case "sensor-drift":
      return { sensor_mV: -45 * severity };
    case "sudden":
      return {};
  }
}
