import { ByteWriter, decodeBytes } from "@voltfog/runtime";
import type { FuzzTarget } from "../target.ts";

/** Faults behind a few conditions each, to see that the search finds some: run by name only. */
export const targets: readonly FuzzTarget[] = [
  {
    name: "planted-fault",
    seeds: () => [new ByteWriter().u8(1).u32(3).raw(new Uint8Array(3)).finish()],
    run(input) {
      const decoded = decodeBytes(input, (reader) => {
        if (reader.u8() !== 2) reader.fail("another version");
        return reader.block(64);
      });
      if (!decoded.ok) return;
      const [first, second, third, fourth] = decoded.value;
      if (first !== 0x56 || second !== 0x6f) return;
      if (third === 0x6c && fourth === 0x74) throw new Error("the planted fault");
    },
  },
  {
    name: "planted-hang",
    seeds: () => [Uint8Array.of(1, 2, 3)],
    run([first, second]) {
      if (first !== 77) return;
      while (second === 66) first++;
    },
  },
];
