import type { Genesis } from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import { defaultSize } from "../site/open-site.ts";
import { type SiteMarker, sitePaths } from "../site/site-folder.ts";
import { readUpFile } from "../supervisor/up-file.ts";
import { checkCertificates } from "./check-certificates.ts";
import { checkClock, checkSkew } from "./check-clock.ts";
import { checkGenesis, checkKeys, checkVersion } from "./check-folder.ts";
import {
  checkComponents,
  checkGrowth,
  checkNode,
  checkSpace,
  checkWriting,
} from "./check-machine.ts";
import { checkPorts, checkProcesses } from "./check-processes.ts";
import { checkDatasets, checkLogs, checkStore, checkValidators } from "./check-records.ts";
import { type Findings, type Verdict, verdictsOf } from "./verdict.ts";

export interface ExamineOptions {
  readonly root: string;
  /** First port that the next start would take. */
  readonly basePort: number;
  readonly datasets: string;
  readonly clock: Clock;
  /** The PATH of the environment. */
  readonly path: string;
}

/**
 * Every check on this machine and on a site's folder, in the order in which faults would show. Changes
 * nothing; a running site is asked, a stopped one is read.
 */
export async function examine(options: ExamineOptions): Promise<readonly Verdict[]> {
  const { root, clock, path } = options;
  const paths = sitePaths(root);
  const verdicts: Verdict[] = [];
  const check = async (
    name: string,
    examineOne: (findings: Findings) => void | Promise<void>,
  ): Promise<void> => {
    verdicts.push(...(await verdictsOf(name, examineOne)));
  };
  await check("node", (findings) => checkNode(findings));
  await check("disk space", (findings) => checkSpace(findings, root));
  await check("disk growth", (findings) => checkGrowth(findings, { folder: root, clock }));
  await check("disk write", (findings) => checkWriting(findings, { folder: root, clock }));
  await check("components", (findings) => checkComponents(findings, path));
  await check("datasets", (findings) => checkDatasets(findings, options.datasets));
  let marker: SiteMarker | undefined;
  await check("folder", (findings) => {
    marker = checkVersion(findings, paths);
  });
  const up = readUpFile(root);
  const units = marker?.units ?? defaultSize.units;
  await check("ports", (findings) => checkPorts(findings, { up, base: options.basePort, units }));
  let genesis: Genesis | undefined;
  const site = marker;
  if (site !== undefined) {
    await check("genesis", async (findings) => {
      genesis = await checkGenesis(findings, { paths, marker: site });
    });
  }
  if (site !== undefined) {
    await check("certificates", (findings) => checkCertificates(findings, { paths, site, clock }));
  }
  await check("clock", (findings) => checkClock(findings, { clock, passed: passedTimes(genesis) }));
  if (up !== undefined) {
    await check("processes", (findings) => checkProcesses(findings, up));
    await check("clocks of processes", (findings) => checkSkew(findings, { clock, up }));
  }
  const known = genesis;
  if (known === undefined) return verdicts;
  const parts = { paths, genesis: known };
  await check("keys", (findings) => checkKeys(findings, parts));
  await check("logs", (findings) => checkLogs(findings, parts));
  await check("validators", (findings) => checkValidators(findings, { ...parts, up }));
  if (up === undefined) await check("store", (findings) => checkStore(findings, paths));
  return verdicts;
}

function passedTimes(genesis: Genesis | undefined): readonly { what: string; at_ms: number }[] {
  if (genesis === undefined) return [];
  return [{ what: `chain ${genesis.chain} was made`, at_ms: genesis.created_ms }];
}
