import { fileURLToPath } from "node:url";

/** The model of Belib' that comes with the product, made by voltfog train availability --dataset belib. */
export function shippedAvailabilityModel(): string {
  return fileURLToPath(new URL("../../models/availability-belib", import.meta.url));
}
