import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { SitePaths } from "../site/site-folder.ts";
import { createToken, tokenHolds } from "../site/site-tokens.ts";
import { inSiteTurn } from "../site/site-turn.ts";

const valid_ms = 365 * 86_400_000;
/** What is kept must last for the run that begins. */
const leftMin_ms = valid_ms / 2;

/**
 * The token by which the site's own market reads a cloud that lets nobody in without one: of a driver, who
 * is told of the chain alone. Kept in the site's folder, so that there is one however often it starts.
 * SITE_BUSY, TOKENS_FULL, TOKENS_INVALID.
 */
export function marketToken(paths: SitePaths, clock: Clock): Promise<string> {
  const file = join(paths.keys, "market.token");
  return inSiteTurn({ paths, clock }, () => {
    const now_ms = clock.wall_ms();
    const kept = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
    if (tokenHolds(paths, { token: kept, at_ms: now_ms + leftMin_ms })) return kept;
    const { token } = createToken(paths, { role: "driver", expires_ms: now_ms + valid_ms });
    replaceFileSync(file, `${token}\n`, { mode: 0o600 });
    return token;
  });
}
