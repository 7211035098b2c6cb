/**
 * What a charge point can be, in the order in which every table shows it. Networks differ in which of
 * these they say; a class that a network never says is shown as absent.
 */
export const statusClasses = [
  "available",
  "charging",
  "occupied-not-charging",
  "reserved",
  "maintenance",
  "commissioning",
  "planned",
  "removed",
  "unknown",
] as const;

export type StatusClass = (typeof statusClasses)[number];

/** Marks a charge point that said nothing, in arrays of class indices. */
export const noStatus = 255;
