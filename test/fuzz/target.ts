import { equalBytes, type Outcome } from "@voltfog/runtime";

/** Something that reads bytes of strangers, and what it promises about them. */
export interface FuzzTarget {
  readonly name: string;
  /** Good inputs to begin with. */
  readonly seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Reads the input; throws, or gives a promise that is rejected, where what it promises is broken. */
  readonly run: (input: Uint8Array) => unknown;
}

/** A strict format: its decoder never throws, and takes only what its encoder writes. */
export function codec<T>(options: {
  name: string;
  decode: (bytes: Uint8Array) => Outcome<T>;
  encode: (value: T) => Uint8Array;
  seeds: FuzzTarget["seeds"];
}): FuzzTarget {
  const { name, decode, encode, seeds } = options;
  return {
    name,
    seeds,
    run(input) {
      const decoded = decode(input);
      if (!decoded.ok) return;
      if (!equalBytes(encode(decoded.value), input)) throw new Error("takes a second form");
    },
  };
}
