import type { AdviceFeature, ChargerDetail, PlugType } from "../api/shapes.ts";

/** What the driver's car can use. */
export interface PlugFilter {
  readonly plugs: readonly PlugType[];
  readonly powerMin_kW: number;
}

/** The plugs of the chosen charger that fit the car. */
export interface ChosenState {
  readonly inService: number;
  readonly free: number;
}

/** Something that a driver on the way should hear. */
export interface Notice {
  /** `assertive` interrupts a screen reader: there is no plug any more. */
  readonly urgency: "assertive" | "polite";
  readonly text: string;
  /** The next best charger; undefined where there is none, or none is needed. */
  readonly instead: AdviceFeature | undefined;
}

const inService = new Set(["available", "charging", "occupied-not-charging", "reserved"]);

export function chosenState({ points }: ChargerDetail, filter: PlugFilter): ChosenState {
  const fitting = points.filter(
    ({ types, power_kW }) =>
      power_kW >= filter.powerMin_kW && types.some((type) => filter.plugs.includes(type)),
  );
  return {
    inService: fitting.filter(({ status }) => inService.has(status)).length,
    free: fitting.filter(({ status }) => status === "available").length,
  };
}

/** The best of the list that is not the chosen one. */
export function nextBest(
  list: readonly AdviceFeature[],
  chosenId: string,
): AdviceFeature | undefined {
  return list.find(({ id }) => id !== chosenId);
}

/**
 * What to say after the chosen charger was asked again: the notice that stands where nothing changed, so
 * that nothing is said twice. Only what the feed says of now counts, not the forecast, in which the driver's
 * own arrival takes a plug.
 */
export function noticeAfter(
  notice: Notice | undefined,
  options: {
    readonly name: string;
    readonly before: ChosenState | undefined;
    readonly now: ChosenState;
    readonly instead: AdviceFeature | undefined;
  },
): Notice | undefined {
  const { name, before, now, instead } = options;
  if (now.free === 0) return lossNotice(notice, options);
  if (before === undefined || (before.free === now.free && before.inService === now.inService))
    return notice;
  const count = `${now.free} of ${now.inService} fitting ${now.inService === 1 ? "plug" : "plugs"}`;
  if (before.free === 0)
    return { urgency: "polite", text: `${name} has ${count} free again.`, instead: undefined };
  if (now.free > before.free) return undefined;
  return { urgency: "polite", text: `${name} gets busier: ${count} free now.`, instead };
}

function lossNotice(
  notice: Notice | undefined,
  options: {
    readonly name: string;
    readonly before: ChosenState | undefined;
    readonly now: ChosenState;
    readonly instead: AdviceFeature | undefined;
  },
): Notice | undefined {
  const { name, before, now, instead } = options;
  const wasLost = before !== undefined && before.free === 0;
  const isSameLoss = wasLost && (before.inService === 0) === (now.inService === 0);
  // No notice of a loss that was told before: the driver has put it away.
  if (isSameLoss && (notice === undefined || notice.instead?.id === instead?.id)) return notice;
  const what =
    now.inService === 0
      ? `${name} is out of service for your car.`
      : `${name} is full: none of ${now.inService} fitting ${now.inService === 1 ? "plug" : "plugs"} is free.`;
  // A new offer for a loss that was told before need not interrupt.
  return {
    urgency: isSameLoss ? "polite" : "assertive",
    text: `${what} ${offer(instead)}`,
    instead,
  };
}

function offer(instead: AdviceFeature | undefined): string {
  if (instead === undefined) return "No other charger is known to be in reach.";
  const { name, free, parts } = instead.properties;
  return `Next best: ${name}, free with ${chance(free)} when you arrive in ${Math.max(1, Math.round(parts.travel_min))} min.`;
}

/** Per cent of a probability; nothing about the future is certain. */
export function chance(free: number): string {
  return `${Math.min(99, Math.max(1, Math.round(100 * free)))} %`;
}
