import {
  defaultEngine,
  type EngineChoice,
  engineNamed,
  engineNames,
  engineText,
  votersMinOf,
} from "@voltfog/ledger";
import { complaint } from "../complaint.ts";

/** What `--engine` takes, for the help. */
export const engineFlagText: string = `${engineNames.join(", ")}; sbft:c with c redundant validators`;

/** Engines that only measurements and simulations run. */
const comparisonOnly: readonly string[] = ["pow", "poa-published", "raft"];

/** The engine of `--engine sbft:1`. ENGINE_INVALID; ENGINE_COMPARISON for one that decides no real chain. */
export function parseEngine(text: string): EngineChoice {
  const engine = engineNamed(text);
  if (engine !== undefined) return engine;
  const [name = ""] = text.split(":");
  if (comparisonOnly.includes(name)) {
    throw complaint({
      code: "ENGINE_COMPARISON",
      what: `${name} is there to be compared with and decides no chain`,
      remedy: "see voltfog bench engines; for a chain take one of --engine's",
    });
  }
  throw complaint({
    code: "ENGINE_INVALID",
    what: `--engine is ${JSON.stringify(text)}`,
    remedy: `give one of ${engineFlagText}`,
  });
}

/** What the genesis file says of it: the default is never written. */
export function writtenEngine(engine: EngineChoice | undefined): EngineChoice | undefined {
  return engine?.name === defaultEngine.name ? undefined : engine;
}

/** ENGINE_VALIDATORS where there are too few for one fault beside the redundant ones. */
export function requireVoters(engine: EngineChoice, voters: number): void {
  const needed = votersMinOf(engine);
  if (voters >= needed) return;
  throw complaint({
    code: "ENGINE_VALIDATORS",
    what: `${engineText(engine)} needs ${needed} validators, not ${voters}`,
    remedy: "make the consortium larger, or choose another engine",
  });
}
