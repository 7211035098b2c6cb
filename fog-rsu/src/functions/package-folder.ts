import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, faultOf } from "@voltfog/runtime";
import { packageEnding, packageMax_bytes, parseFunctionPackage } from "./function-package.ts";
import type { HostedFunction } from "./function-slot.ts";

/** A package that is not run, and why. */
export interface RefusedPackage {
  readonly file: string;
  readonly code:
    | "PACKAGE_INVALID"
    | "MODULE_MISSING"
    | "MODULE_CHANGED"
    | "MODULE_TOO_LARGE"
    | "PACKAGE_TWICE"
    | "PACKAGES_TOO_MANY";
  readonly detail: string;
}

export interface FolderContents {
  readonly functions: readonly HostedFunction[];
  readonly refused: readonly RefusedPackage[];
}

const packagesMax = 64;
const moduleMax_bytes = 4 * 1024 * 1024;
const interval_ms = 2000;

/**
 * The functions in a folder: each a package file and the module that it is pinned to. A module is run from the
 * very bytes that were hashed, so what happens to its file later changes nothing until it is read anew; it is one
 * file and imports nothing but what comes with Node.
 */
export async function readPackageFolder(folder: string): Promise<FolderContents> {
  const names = (await filesIn(folder)).filter((name) => name.endsWith(packageEnding)).sort();
  const functions: HostedFunction[] = [];
  const refused: RefusedPackage[] = names.slice(packagesMax).map((file) => {
    const detail = `a unit reads ${packagesMax} packages`;
    return { file, code: "PACKAGES_TOO_MANY", detail };
  });
  const known = new Set<string>();
  for (const file of names.slice(0, packagesMax)) {
    const read = await readPackage(folder, file);
    if ("code" in read) {
      refused.push(read);
      continue;
    }
    const key = `${read.manifest.id} ${read.manifest.version}`;
    const detail = `${key} is there already`;
    if (known.has(key)) refused.push({ file, code: "PACKAGE_TWICE", detail });
    else functions.push(read);
    known.add(key);
  }
  return { functions, refused };
}

async function readPackage(folder: string, file: string): Promise<HostedFunction | RefusedPackage> {
  const text = await readLimited(join(folder, file), packageMax_bytes);
  const parsed = text === undefined ? undefined : parseFunctionPackage(jsonOf(text));
  if (parsed === undefined || !parsed.ok) {
    const detail = parsed?.problem.detail ?? "it cannot be read";
    return { file, code: "PACKAGE_INVALID", detail };
  }
  const { manifest, module, sha256 } = parsed.value;
  const path = join(folder, module);
  const size_bytes = await stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size_bytes === undefined) {
    return { file, code: "MODULE_MISSING", detail: `${module} is no file here` };
  }
  const bytes = size_bytes > moduleMax_bytes ? undefined : await readLimited(path, moduleMax_bytes);
  if (bytes === undefined) {
    const detail = `${module} has ${size_bytes} bytes, at most ${moduleMax_bytes}`;
    return { file, code: "MODULE_TOO_LARGE", detail };
  }
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) {
    const detail = `${module} is ${found.slice(0, 16)}…, the package pins ${sha256.slice(0, 16)}…`;
    return { file, code: "MODULE_CHANGED", detail };
  }
  return { manifest, module: `data:text/javascript;base64,${bytes.toString("base64")}`, sha256 };
}

/** A folder that is not there holds nothing: it comes with the first function. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return [];
    throw thrown;
  }
}

async function readLimited(path: string, limit_bytes: number): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(path);
    return bytes.length <= limit_bytes ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Follows the folder while the unit runs; a folder that cannot be read leaves things as they are. */
export function followPackageFolder(options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly changed: (contents: FolderContents) => void;
  readonly failed: (reason: string) => void;
}): () => Promise<void> {
  const { folder, clock } = options;
  let [before, isOver] = ["", false];
  let cancel = (): void => {};
  const look = async (): Promise<void> => {
    try {
      const contents = await readPackageFolder(folder);
      const now = JSON.stringify([
        contents.refused,
        contents.functions.map(({ manifest, sha256 }) => [manifest, sha256]),
      ]);
      if (now !== before && !isOver) options.changed(contents);
      before = now;
    } catch (thrown) {
      const { reason } = faultOf(thrown);
      if (reason !== before) options.failed(reason);
      before = reason;
    }
    if (!isOver) {
      cancel = clock.after(interval_ms, () => {
        looking = look();
      });
    }
  };
  let looking = look();
  return async () => {
    isOver = true;
    cancel();
    await looking;
  };
}
