import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ModelCard, modelCardFile } from "@voltfog/forecasting";
import { replaceFileSync } from "@voltfog/runtime/node";

/** Writes the files, then the card that names them: a folder with a card is whole. */
export function saveModel(
  folder: string,
  o: { card: ModelCard; files: ReadonlyMap<string, Uint8Array> },
): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of o.files) replaceFileSync(join(folder, name), bytes);
  replaceFileSync(join(folder, modelCardFile), `${JSON.stringify(o.card, null, 1)}\n`);
}
