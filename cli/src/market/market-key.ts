import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Signer } from "@voltfog/runtime";
import { createSigningKey, loadSigningKey } from "@voltfog/runtime/node";
import type { SitePaths } from "../site/site-folder.ts";

/** Where the key of the site's market desk lies: the authority that its validators name. */
export function marketKeyFile(paths: SitePaths): string {
  return join(paths.keys, "market.key");
}

/** A key of the site, made where it is missing; KEY_UNREADABLE where the file holds none. */
export function openSiteKey(path: string): Signer {
  return existsSync(path) ? loadSigningKey(path) : createSigningKey(path);
}
