import { complaint } from "../complaint.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readUpFile } from "../supervisor/up-file.ts";
import { askBackbone } from "../up/ask-backbone.ts";
import type { AskValidator } from "./agreed-outcome.ts";

/**
 * Asks validators of the site that runs on a folder, each over its backbone, where its certificate says who
 * it is: nobody answers for another. NOT_RUNNING where nothing runs.
 */
export function askSiteValidators(data: string): AskValidator {
  const paths = sitePaths(data);
  const up = readUpFile(data);
  if (up === undefined) {
    throw complaint({
      code: "NOT_RUNNING",
      what: `nothing runs on ${data}`,
      remedy: "start the site with voltfog up",
    });
  }
  const ports = new Map(up.processes.map(({ id, ports }) => [id, ports.backbone ?? 0]));
  return async (peerId, path) => {
    const port = ports.get(peerId);
    if (port === undefined) return undefined;
    try {
      const { status, body } = await askBackbone({ paths, peerId, port, path });
      return status === 200 ? JSON.parse(new TextDecoder().decode(body)) : undefined;
    } catch {
      return undefined; // Down, slow, or speaking rubbish: one voice less.
    }
  };
}
