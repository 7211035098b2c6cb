import { type EngineChoice, engineNames } from "./engine-choice.ts";

/** An engine as people write it: its name, and for sbft behind a colon how many voters are redundant: `sbft:1`. */
export function engineText({ name, redundant }: EngineChoice): string {
  return redundant === 0 ? name : `${name}:${redundant}`;
}

/** The engine that {@link engineText} writes so; undefined where there is none. `sbft` alone has no redundant voters. */
export function engineNamed(text: string): EngineChoice | undefined {
  const [, word, digits] = /^([a-z]+)(?::(0|[1-9]\d?))?$/.exec(text) ?? [];
  const name = engineNames.find((each) => each === word);
  const redundant = Number(digits ?? 0);
  if (name === undefined) return undefined;
  return redundant > 0 && name !== "sbft" ? undefined : { name, redundant };
}
