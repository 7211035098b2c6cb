import { fileURLToPath } from "node:url";

/** The folder that the product ships; the same from the sources and from the build. */
export function shippedRoot(): string {
  return fileURLToPath(new URL("../data", import.meta.url));
}

/** Where the datasets lie: the flag, else VOLTFOG_DATASETS of the environment, else the shipped folder. */
export function datasetRoot(
  options: {
    readonly flag?: string | undefined;
    readonly environment?: Readonly<Record<string, string | undefined>>;
  } = {},
): string {
  const { VOLTFOG_DATASETS: fromEnvironment } = options.environment ?? {};
  const named = [options.flag, fromEnvironment];
  return named.find((root) => root !== undefined && root !== "") ?? shippedRoot();
}
