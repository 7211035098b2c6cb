import type { Genesis } from "@voltfog/ledger";
import { readGenesis } from "../site/site-record.ts";
import type { NodePaths } from "./node-folder.ts";

/** The genesis file of a node. GENESIS_… with the path where it is none. */
export function readGenesisOf(paths: NodePaths): Genesis {
  return readGenesis(paths.genesis);
}
