const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** A name for one driver's way out of random bytes, 6 bits of each: 22 of them cannot be guessed. */
export function driverIdOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => alphabet[byte % 64]).join("");
}
