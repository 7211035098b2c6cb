import { existsSync } from "node:fs";
import { join } from "node:path";
import { decodeBlockPage, type ServedBlock } from "@voltfog/cloud";
import type { Genesis } from "@voltfog/ledger";
import { openBlockReader } from "@voltfog/ledger/node";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { sitePaths } from "../site/site-folder.ts";
import { blockFolder } from "../site/site-record.ts";
import { getBytes } from "../up/http-json.ts";
import { validatorsIn } from "../validators/site-validators.ts";

/** The final blocks of a chain: asked of a validator, or read from a validator's or a site's folder. */
export function blocksFrom(place: string, genesis: Genesis): AsyncIterable<ServedBlock> {
  return /^https?:\/\//.test(place) ? servedBlocks(place) : storedBlocks(place, genesis);
}

async function* servedBlocks(url: string): AsyncGenerator<ServedBlock> {
  for (let from = 1; ; ) {
    const { status, body } = await getBytes(
      `${url.replace(/\/$/, "")}/v1/blocks?from=${from}&limit=64`,
    );
    const page = status === 200 ? decodeBlockPage(body) : undefined;
    if (!page?.ok) {
      throw complaint({
        code: "BLOCKS_UNREADABLE",
        what: `${url} does not serve final blocks (${status})`,
        remedy: "name a validator's address as voltfog status shows it, or its folder",
      });
    }
    if (page.value.length === 0) return;
    yield* page.value;
    from += page.value.length;
  }
}

async function* storedBlocks(place: string, genesis: Genesis): AsyncGenerator<ServedBlock> {
  const source = await longest(place, genesis);
  for (let height = 1; height <= source.height; height++) {
    const stored = await source.read(height);
    if (stored === undefined) return;
    yield stored;
  }
}

async function longest(
  place: string,
  genesis: Genesis,
): Promise<Awaited<ReturnType<typeof openBlockReader>>> {
  const ofSite = validatorsIn(sitePaths(place), genesis).map((id) =>
    blockFolder(sitePaths(place), id),
  );
  const folders = [...ofSite, join(place, "blocks"), place].filter((folder) => existsSync(folder));
  const sources = await Promise.all(
    folders.map((folder) => openBlockReader({ folder, crypto: nodeCrypto })),
  );
  const [best] = sources.sort((a, b) => b.height - a.height);
  if (best !== undefined && best.height > 0) return best;
  throw complaint({
    code: "BLOCKS_UNREADABLE",
    what: `${place} holds no final blocks`,
    remedy: "name a site's or a validator's folder, or a validator's address",
  });
}
