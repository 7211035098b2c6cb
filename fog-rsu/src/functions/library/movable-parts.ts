import type { Movable, SavedState, StateReader } from "@voltfog/runtime";

/** Several movable parts as one, each saved under its name. */
export function movable<T extends Readonly<Record<string, Movable>>>(parts: T): T & Movable {
  const entries = Object.entries<Movable>(parts);
  return {
    ...parts,
    save: (): SavedState => Object.fromEntries(entries.map(([name, part]) => [name, part.save()])),
    restore(from: StateReader): void {
      for (const [name, part] of entries) part.restore(from.object(name));
      from.end();
    },
  };
}
