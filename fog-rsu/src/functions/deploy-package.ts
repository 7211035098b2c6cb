import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@voltfog/runtime";
import {
  compareVersions,
  packageEnding,
  packageFormat,
  parseFunctionManifest,
  parseFunctionPackage,
} from "./function-package.ts";
import { FunctionRun } from "./function-run.ts";
import { simulatedFrames } from "./measure-function.ts";
import type { FunctionManifest, NetworkFunction } from "./network-function.ts";
import { packBatch } from "./sample-batch.ts";

/** A package in a folder. */
export interface DeployedFunction {
  readonly manifest: FunctionManifest;
  readonly sha256: string;
  readonly file: string;
}

/** Ending of a package that was taken out of service; a unit does not read it. */
const withdrawnEnding = ".withdrawn";

/**
 * Puts a module into a folder that units follow, under its id and version, pinned by its hash. The module is
 * tried first: it must load from its bytes alone, see a simulated drive without a throw, and take its own state
 * back. MODULE_UNREADABLE, MODULE_INVALID, VERSION_TAKEN by other bytes.
 */
export async function deployFunction(options: {
  readonly module: string;
  readonly folder: string;
}): Promise<DeployedFunction> {
  const { module, folder } = options;
  const bytes = await readFile(module).catch((thrown: unknown) => {
    const message = `${module} cannot be read`;
    throw new CodedError({ code: "MODULE_UNREADABLE", message, cause: thrown });
  });
  const manifest = await tried(bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const name = `${manifest.id}-${manifest.version}`;
  const file = `${name}${packageEnding}`;
  await mkdir(folder, { recursive: true });
  const known = (await packagesIn(folder)).find((one) => one.file === file);
  if (known !== undefined && known.sha256 !== sha256) {
    throw new CodedError({
      code: "VERSION_TAKEN",
      message: `${name} is deployed with other bytes`,
      remedy: "give the module another version",
    });
  }
  // The module first: a unit that looks in between sees no package yet.
  await put(join(folder, `${name}.mjs`), bytes);
  const value = { format: packageFormat, module: `${name}.mjs`, sha256, manifest };
  await put(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
  return { manifest, sha256, file };
}

/** Takes the newest version of a function out of the folder; units go back to the one before. PACKAGE_UNKNOWN. */
export async function withdrawFunction(options: {
  readonly id: string;
  readonly folder: string;
}): Promise<DeployedFunction> {
  const { id, folder } = options;
  const [newest] = (await packagesIn(folder))
    .filter(({ manifest }) => manifest.id === id)
    .toSorted((a, b) => compareVersions(b.manifest.version, a.manifest.version));
  if (newest === undefined) {
    const message = `no version of ${id} is deployed in ${folder}`;
    throw new CodedError({ code: "PACKAGE_UNKNOWN", message });
  }
  const path = join(folder, newest.file);
  await rename(path, `${path}${withdrawnEnding}`);
  return newest;
}

async function packagesIn(folder: string): Promise<readonly DeployedFunction[]> {
  const names = await readdir(folder).catch(() => []);
  const read = names
    .filter((name) => name.endsWith(packageEnding))
    .map(async (file) => {
      const text = await readFile(join(folder, file), "utf8");
      const parsed = parseFunctionPackage(jsonOf(text));
      return parsed.ok
        ? [{ file, manifest: parsed.value.manifest, sha256: parsed.value.sha256 }]
        : [];
    });
  return (await Promise.all(read)).flat();
}

async function put(path: string, bytes: Uint8Array | string): Promise<void> {
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
}

async function tried(bytes: Buffer): Promise<FunctionManifest> {
  try {
    const url = `data:text/javascript;base64,${bytes.toString("base64")}`;
    const { networkFunction } = (await import(url)) as { networkFunction: NetworkFunction };
    const manifest = parseFunctionManifest(networkFunction.manifest);
    if (!manifest.ok) throw new Error(manifest.problem.detail);
    const definition = { ...networkFunction, manifest: manifest.value };
    const run = new FunctionRun(definition, { open: [] });
    for (const frame of simulatedFrames()) run.findingsOf(packBatch([frame]), () => true);
    const saved = run.save("vehicle-1");
    const next = new FunctionRun(definition, { open: [] });
    const adopted = saved.ok ? next.adopt({ ...saved.value, open: [] }) : saved;
    if (!adopted.ok && adopted.problem.code !== "STATE_UNKNOWN") {
      throw new Error(`it does not take its own state back: ${adopted.problem.detail}`);
    }
    return manifest.value;
  } catch (thrown) {
    const message = `the module is no function: ${thrown instanceof Error ? thrown.message : thrown}`;
    throw new CodedError({ code: "MODULE_INVALID", message, cause: thrown });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
