import type { Genesis } from "@voltfog/ledger";
import { checkRestored, type RestoredSite } from "./check-restored.ts";
import type { BackupManifest } from "./manifest.ts";
import { markRestored } from "./mark-restored.ts";
import { unpackTo } from "./unpack-to.ts";

/** What a restore made, as the command reports it. */
export interface RestoreReport extends Omit<RestoredSite, "genesis"> {
  readonly ok: boolean;
  readonly folder: string;
  readonly chain: string;
  /** When the backup was taken. */
  readonly created_ms: number;
  readonly files: number;
}

export interface RestoreOptions {
  readonly archive: string;
  readonly target: string;
  readonly progress: (text: string) => void;
}

/**
 * Brings a site's folder back as it was, to read it and to prove from it. Its members do not go on from
 * there as if nothing had been: validators need new keys and units open new logs, and are marked so.
 */
export function restoreSite(options: RestoreOptions): Promise<RestoreReport> {
  return unpackTo({
    ...options,
    async prepare(root, manifest) {
      const site = await checkRestored({ ...options, root, manifest });
      markRestored(root, site.genesis);
      return reportOf({ ...options, manifest, site });
    },
  });
}

export function reportOf(options: {
  target: string;
  manifest: BackupManifest;
  site: RestoredSite & { genesis: Genesis };
}): RestoreReport {
  const { target, manifest, site } = options;
  const { height, logs, problems } = site;
  return {
    ok: logs.every((log) => log.ok) && problems.length === 0,
    folder: target,
    chain: manifest.chain,
    created_ms: manifest.created_ms,
    files: manifest.files.length,
    height,
    logs,
    problems,
  };
}
