import { fileURLToPath } from "node:url";

/**
 * Root of all public datasets, beside the checkout or where VOLTFOG_TEST_DATASETS says. Only tests
 * named *.data.test.ts use it; they are left out where it is absent.
 */
export const fullDatasets: string =
  process.env["VOLTFOG_TEST_DATASETS"] ??
  fileURLToPath(new URL("../../../../shared/datasets", import.meta.url));
