import { existsSync, rmSync } from "node:fs";
import { replaceFileSync } from "@voltfog/runtime/node";
import { readJsonObject } from "../input-file.ts";
import { sitePaths } from "../site/site-folder.ts";
import type { ProcessPorts } from "../site/site-processes.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";
import { lockHolder } from "./process-lock.ts";

/** One running process as `status` shows it. */
export interface UpProcess {
  readonly role: string;
  readonly id: string;
  /** null while it waits for its next start. */
  readonly pid: number | null;
  readonly ports: ProcessPorts;
  readonly dataDir: string;
}

/** DIR/up.json: what runs on a site, kept by its supervisor. */
export interface UpFile {
  readonly version: 1;
  readonly supervisor: number;
  readonly started_ms: number;
  readonly web: string;
  readonly genesis: string;
  readonly processes: readonly UpProcess[];
  /** The same processes, so that the next supervisor can tell whether they have ended. */
  readonly identities: readonly ProcessIdentity[];
}

export function writeUpFile(path: string, content: UpFile): void {
  replaceFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

export function removeUpFile(path: string): void {
  rmSync(path, { force: true });
}

/** What runs on the site of a folder; undefined when nothing does, even if a killed supervisor left its file. */
export function readUpFile(root: string): UpFile | undefined {
  const paths = sitePaths(root);
  return lockHolder(paths.lock) === undefined ? undefined : readContent(paths.up);
}

/** Processes of a run whose supervisor was killed that have not ended yet: they hold files of the site. */
export function processesLeft(path: string): readonly number[] {
  const identities = readContent(path)?.identities ?? [];
  return identities.filter(isAlive).map(({ pid }) => pid);
}

function readContent(path: string): UpFile | undefined {
  if (!existsSync(path)) return undefined;
  const content = readJsonObject(path) as { readonly [K in keyof UpFile]?: unknown };
  return content.version === 1 &&
    Array.isArray(content.processes) &&
    Array.isArray(content.identities)
    ? (content as unknown as UpFile)
    : undefined;
}
