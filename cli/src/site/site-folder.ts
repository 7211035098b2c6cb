import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";

/** Version of the folder's layout; a folder of another version is refused, never converted. */
export const siteFormat = 1;

const lockName = "up.lock";

/** Where everything of one site lies. */
export interface SitePaths {
  readonly root: string;
  /** Written last, so that a folder with it is whole. */
  readonly marker: string;
  readonly genesis: string;
  readonly enrolled: string;
  /** Hashes of the API's tokens; missing until the first is created. */
  readonly tokens: string;
  readonly keys: string;
  /** <id>.crt of every process and vehicle, and ca.crt, the site's authority. */
  readonly certificates: string;
  readonly config: string;
  /** Registry of models that forecast chargers. */
  readonly models: string;
  /** Functions deployed by file, which all units follow. */
  readonly functions: string;
  readonly logs: string;
  readonly fleet: string;
  readonly up: string;
  readonly lock: string;
}

/** How large a site is; fixed when it is made. */
export interface SiteSize {
  readonly units: number;
  readonly vehicles: number;
  /** Units of each organisation, in order; missing where each unit has its own. */
  readonly organisations?: readonly number[];
}

export interface SiteMarker extends SiteSize {
  readonly format: typeof siteFormat;
  readonly chain: string;
}

export function sitePaths(root: string): SitePaths {
  return {
    root,
    marker: join(root, "site.json"),
    genesis: join(root, "genesis.json"),
    enrolled: join(root, "enrolled.json"),
    tokens: join(root, "tokens.json"),
    keys: join(root, "keys"),
    certificates: join(root, "certificates"),
    config: join(root, "config"),
    models: join(root, "models"),
    functions: join(root, "functions"),
    logs: join(root, "logs"),
    fleet: join(root, "fleet"),
    up: join(root, "up.json"),
    lock: join(root, lockName),
  };
}

/** Makes the folder where it is missing; FOLDER_UNUSABLE when that cannot be. */
export function makeFolder(root: string): void {
  try {
    makeEach(resolve(root));
    readdirSync(root);
  } catch (thrown) {
    throw complaint({
      code: "FOLDER_UNUSABLE",
      what: `${root} cannot be used: ${String((thrown as { code?: unknown }).code)}`,
      remedy: "choose another folder with --data",
    });
  }
}

/** One folder after the other: mkdir's own recursion never ends where the system makes none, as in /proc. */
export function makeEach(folder: string): void {
  if (existsSync(folder)) return;
  makeEach(dirname(folder));
  mkdirSync(folder);
}

/**
 * What the folder holds: a site, or nothing yet (undefined). SITE_VERSION for a site of another
 * version, FOLDER_FOREIGN for files that are no site's.
 */
export function readSite(paths: SitePaths): SiteMarker | undefined {
  if (existsSync(paths.marker)) return readMarker(paths.marker);
  const foreign = readdirSync(paths.root).filter((name) => !name.startsWith(lockName));
  if (foreign.length === 0) return undefined;
  throw complaint({
    code: "FOLDER_FOREIGN",
    what: `${paths.root} is not empty and holds no Voltfog site`,
    remedy: "choose another folder with --data, or empty this one",
  });
}

function readMarker(path: string): SiteMarker {
  const marker = readJsonObject(path) as { readonly [K in keyof SiteMarker]?: unknown };
  const { format, chain, units, vehicles, organisations } = marker;
  if (format !== siteFormat) {
    throw complaint({
      code: "SITE_VERSION",
      what: `${path} is of version ${JSON.stringify(format)}, this program reads ${siteFormat}`,
      remedy: "run the version that made it, or choose another folder with --data",
    });
  }
  const isSize = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;
  const isShared =
    organisations === undefined || (Array.isArray(organisations) && organisations.every(isSize));
  if (typeof chain === "string" && isSize(units) && isSize(vehicles) && isShared) {
    return {
      format,
      chain,
      units,
      vehicles,
      ...(organisations === undefined ? {} : { organisations }),
    };
  }
  throw complaint({
    code: "SITE_DAMAGED",
    what: `${path} is damaged`,
    remedy: "restore it, or choose another folder with --data",
  });
}
