/** unit-1, unit-2, … */
export function unitIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `unit-${i + 1}`);
}

/** validator-1, validator-2, … */
export function validatorIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `validator-${i + 1}`);
}

/** vehicle-01, vehicle-02, …, as wide as the largest number asks, two digits at least. */
export function vehicleIds(count: number): readonly string[] {
  const width = Math.max(2, String(count).length);
  return Array.from({ length: count }, (_, i) => `vehicle-${String(i + 1).padStart(width, "0")}`);
}
