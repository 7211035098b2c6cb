/** What to do about one kind of alert. */
export interface RunbookEntry {
  /** The alert's class or rule. */
  readonly id: string;
  readonly title: string;
  /** What it means, and what else can look like it. */
  readonly meaning: string;
  /** In this order. */
  readonly steps: readonly string[];
  /** Whether the vehicle may be driven and charged until then. */
  readonly untilThen: string;
}

const stop = "Stop and leave the vehicle outdoors, away from others; do not charge it.";
const careful = "It may be driven; charge it slowly and not above 80 %.";
const usual = "It may be used as usual.";

/** One entry for each class of event that raises an alert and for each of the usual rules. */
export const runbook: readonly RunbookEntry[] = [
  {
    id: "thermal-alert",
    title: "A sensor is hot or warms quickly",
    meaning:
      "Tier 1 is close to the limit, tier 2 above it, tier 3 with a rise as before a thermal runaway. A sensor that fails shows jumps that no cell can make; those are left out.",
    steps: [
      "At tier 3: warn whoever is in the vehicle, then the fire brigade; nobody opens the pack.",
      "At tier 1 or 2: let it cool without charging; look at cooling, coolant and fans.",
      "Compare the sensor with its neighbours on the vehicle's page; one alone for weeks is the sensor.",
      "Open a work order; its outcome tells the next ranking whether the alert was right.",
    ],
    untilThen: stop,
  },
  {
    id: "overcharge",
    title: "A cell is charged too far",
    meaning:
      "A cell is above its limit while others are not: imbalance, or a charger that does not end.",
    steps: [
      "End the charge.",
      "Look whether one cell leads at every charge end: then balance, and look for its neighbour that leaks.",
      "If all cells are high, look at the charger's limit.",
    ],
    untilThen: careful,
  },
  {
    id: "deep-discharge",
    title: "A cell is empty",
    meaning:
      "A cell is below its limit: a weak cell, imbalance, or a vehicle that stood for months.",
    steps: [
      "Charge slowly, and watch the lowest cell while it comes back.",
      "A cell that is low again within a week leaks or is weak: workshop.",
    ],
    untilThen: careful,
  },
  {
    id: "vehicle-alarm",
    title: "The vehicle itself reports an alarm",
    meaning: "The battery management system said so; the signed frame holds the reading.",
    steps: [
      "Read the class and the cell in the alert.",
      "Follow the entry of the same condition here.",
    ],
    untilThen: careful,
  },
  {
    id: "cell-anomaly",
    title: "A cell behaves unlike the others",
    meaning:
      "Its voltage parts from the pack's under load or at rest: joint, short, or loss of capacity.",
    steps: [
      "Look at the heat map: apart under current is a joint, apart at rest and growing is a leak.",
      "A leak that grows: workshop within days. A joint: at the next service, sooner where it is warm.",
      "Open a work order with the cell's number.",
    ],
    untilThen: careful,
  },
  {
    id: "early-safety",
    title: "Signs that can end in heat",
    meaning:
      "Over weeks, a cell leaks, a joint grows hot or cooling is lost. No limit is reached yet; that is the point of it.",
    steps: [
      "Take the vehicle in within days; park it outdoors until then.",
      "Measure insulation and the cell's self-discharge; look at joints and cooling.",
      "Say in the work order what was found: a false alarm lowers what the next one costs you.",
    ],
    untilThen: careful,
  },
  {
    id: "unlike-the-fleet",
    title: "The pack is unlike its fleet",
    meaning: "At least one sign is six robust standard deviations from the fleet's middle.",
    steps: [
      "Read the reason in the ranking: it names the sign.",
      "Compare with vehicles of the same use; a new sensor or a repair can look like this.",
      "Inspect when it next comes in, sooner where the expected cost is above the inspection's.",
    ],
    untilThen: usual,
  },
  {
    id: "health-low",
    title: "State of health below 80 %",
    meaning:
      "What the pack can deliver over nominal, with its cold, its imbalance and its sensors.",
    steps: [
      "Look at the attribution: cold and imbalance come back, ageing does not.",
      "Within warranty (80 % at 5 years or 100,000 km, 72 % at 8 years or 160,000 km): start the claim.",
      "Balance where imbalance has a part in it, and look again after a week.",
    ],
    untilThen: usual,
  },
  {
    id: "life-ending",
    title: "Remaining life below half a year",
    meaning:
      "The trend comes down to 80 % within 180 days, if use goes on alike; mind the interval.",
    steps: [
      "Plan the replacement within the interval's low end.",
      "Ask for the pack's second-life value: its page says grade and range.",
    ],
    untilThen: usual,
  },
];
