import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasetRoot } from "@voltfog/datasets";
import { restoredValidatorMark } from "@voltfog/fog-rsu";
import { Chain } from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { silentLogger } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto, systemClock, systemRandom } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VotingSite } from "../../../packages/ledger/src/testing/members.ts";
import { markRestored } from "../backup/mark-restored.ts";
import { restoreMembers } from "../backup/restore-members.ts";
import { backedUpNames, siteSources } from "../backup/site-sources.ts";
import { writeBackup } from "../backup/write-backup.ts";
import { examine } from "../doctor/examine.ts";
import type { Verdict } from "../doctor/verdict.ts";
import { countChain } from "../report/count-chain.ts";
import { createSite } from "../site/create-site.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readGenesis } from "../site/site-record.ts";

/** A site of five whose members admitted a sixth, which keeps its blocks here, and voted the second out. */
const clock = systemClock;
const folder = mkdtempSync(join(tmpdir(), "site-validators-"));
const root = join(folder, "site");
const paths = sitePaths(root);
const out = "validator-2";
let endedAt = 0;
let height = 0;

beforeAll(async () => {
  createSite({ paths, size: { units: 5, vehicles: 1 }, clock, random: systemRandom });
  const genesis = readGenesis(paths.genesis);
  const keyOf = (id: string) => loadSigningKey(join(paths.keys, `${id}.key`));
  const validators = genesis.validators.map(({ id }) => ({ id, signer: keyOf(id) }));
  const chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
  const site = new VotingSite({
    consortium: { genesis, validators, units: [], vehicles: [], crypto: nodeCrypto },
    chain,
  });
  const organisation = genesis.organisations[0]?.id ?? "";
  expect(site.carry(site.admission("newcomer", { organisation })).decided).toBe(true);
  for (let i = 0; i < 3; i++) site.settle();
  expect(site.carry({ kind: "remove-validator", id: out }).decided).toBe(true);
  endedAt = chain.height;
  for (let i = 0; i < 15; i++) site.settle();
  ({ height } = chain);
  for (const { id } of [...validators, { id: "newcomer" }]) {
    // Who was voted out sees no block of the others any more.
    await keep(id, site, id === out ? endedAt + 1 : height);
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes what this validator's process would have on its disk by then. */
async function keep(id: string, { blocks, consortium }: VotingSite, until: number): Promise<void> {
  const { genesis } = consortium;
  const parts = { crypto: nodeCrypto, logger: silentLogger };
  const store = await ChainStore.open({ folder: join(root, id, "blocks"), genesis, ...parts });
  for (const { bytes } of blocks.slice(0, until)) {
    const followed = store.chain.follow(bytes);
    if (!followed.ok) throw new Error(followed.problem.detail);
    const certificate = store.chain.head.certificate;
    if (certificate === undefined) throw new Error("a followed block is certified");
    await store.record(followed.value, certificate);
  }
  await store.close();
  mkdirSync(join(root, id, "votes"));
  writeFileSync(join(root, id, "votes", "votes"), "");
}

async function doctor(): Promise<readonly Verdict[]> {
  return examine({ root, basePort: 8080, datasets: datasetRoot(), clock, path: "" });
}

describe("who decides after an admission and a removal", { timeout: 120_000 }, () => {
  it("is by the chain for the doctor, who does not miss what was voted out", async () => {
    const verdicts = await doctor();
    expect(verdicts.filter(({ result }) => result === "fail")).toEqual([]);
    const said = verdicts.filter(({ check }) => check === "validators");
    expect(said.filter(({ result }) => result !== "ok")).toEqual([]);
    const lines = said.map(({ what }) => what).join("\n");
    const deciding = "validator-1, validator-3, validator-4, validator-5, newcomer";
    expect(lines).toContain(
      `5 validators decide in epoch 2, by block ${height} of the longest chain here: ${deciding}`,
    );
    expect(lines).toContain(`${out} was voted out by block ${endedAt}`);
    expect(lines).toContain(`newcomer ${height}`);
    const keys = verdicts.find(({ check }) => check === "keys");
    expect(keys).toMatchObject({ result: "ok", what: expect.stringContaining("10 of 10 keys") });
  });

  it("is in the report with the epoch", async () => {
    const count = await countChain(paths, readGenesis(paths.genesis));
    expect(count).toMatchObject({ blocksFinal: height, epoch: 2 });
    expect(count.validators).toEqual([1, 3, 4, 5].map((n) => `validator-${n}`).concat("newcomer"));
  });

  it("is in a backup, which takes nobody's votes and marks everybody's return", async () => {
    const archive = join(folder, "site.vfbak");
    const report = await writeBackup({ root, out: archive, clock, progress: () => {} });
    expect(report.deciding).toMatchObject({ epoch: 2, height });
    expect(report.deciding.validators).toContain("newcomer");
    const saved: string[] = [];
    const genesis = readGenesis(paths.genesis);
    const listener = { log: () => {}, blocks: () => {} };
    for await (const { path } of siteSources({ root, genesis, listener })) saved.push(path);
    expect(backedUpNames(root).folders).toContain("newcomer");
    expect(saved.filter((path) => path.startsWith("newcomer/")).length).toBeGreaterThan(0);
    expect(saved.filter((path) => path.includes("/votes/"))).toEqual([]);
    const copy = join(folder, "copy");
    mkdirSync(join(copy, "newcomer", "blocks"), { recursive: true });
    markRestored(copy, genesis);
    expect(existsSync(join(copy, "newcomer", restoredValidatorMark.file))).toBe(true);
    for (const id of [out, "validator-5"]) rmSync(join(root, id), { recursive: true });
    const restore = (...members: string[]) =>
      restoreMembers({ archive, target: root, members, clock, progress: () => {} });
    await expect(restore(out)).rejects.toMatchObject({ code: "SEAT_ENDED" });
    // Of the five who decide four are needed.
    rmSync(join(root, "validator-4"), { recursive: true });
    await expect(restore("validator-4", "validator-5")).rejects.toMatchObject({
      code: "NO_QUORUM",
    });
    const back = await restore("validator-5");
    expect(back).toMatchObject({ ok: true, newVoteKeys: ["validator-5"] });
  });
});
