import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadNewVoteKey, restoredValidatorMark } from "@voltfog/fog-rsu";
import { restoredMark } from "@voltfog/ledger/node";
import { ManualClock } from "@voltfog/runtime";
import { loadSigningKey, systemRandom } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSite } from "../site/create-site.ts";
import { sitePaths } from "../site/site-folder.ts";
import { lockSite } from "../supervisor/site-lock.ts";
import { type MembersReport, restoreMembers } from "./restore-members.ts";
import { writeBackup } from "./write-backup.ts";

const clock = new ManualClock(Date.UTC(2026, 0, 1));
const lost = ["unit-1", "validator-1", "validator-2"] as const;
let folder: string;
let archive: string;
let root: string;

const keyOf = (id: string): string => join(root, "keys", `${id}.key`);

/** Two validators of seven may be away. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "restore-members-"));
  archive = join(folder, "site.vfbak");
  root = join(folder, "site");
  const size = { units: 7, vehicles: 1 };
  createSite({ paths: sitePaths(root), size, clock, random: systemRandom });
  await saveAndLose();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Makes the archive of a site with the members' folders, then removes those. */
async function saveAndLose(): Promise<void> {
  for (const id of lost) {
    mkdirSync(join(root, id));
    writeFileSync(join(root, id, "of-the-backup"), id);
  }
  await writeBackup({ root, out: archive, clock, progress: () => {} });
  for (const id of lost) rmSync(join(root, id), { recursive: true });
}

function restore(...members: readonly string[]): Promise<MembersReport> {
  return restoreMembers({ archive, target: root, members, clock, progress: () => {} });
}

describe("restoreMembers", () => {
  it("brings back those that are asked for, a validator with a key that its old one names", async () => {
    const old = loadSigningKey(keyOf("validator-1")).publicKey;
    const unitKey = readFileSync(keyOf("unit-1"));
    const report = await restore("unit-1", "validator-1");
    expect(report).toMatchObject({ ok: true, newVoteKeys: ["validator-1"] });
    const { oldKey, newKey } = loadNewVoteKey(join(root, "validator-1"))?.succession ?? {};
    expect([oldKey, newKey]).toEqual([old, loadSigningKey(keyOf("validator-1")).publicKey]);
    expect(newKey).not.toEqual(old);
    expect(existsSync(join(root, "validator-1", restoredValidatorMark.file))).toBe(false);
    expect(existsSync(join(root, "unit-1", restoredMark.file))).toBe(true);
    expect(readFileSync(keyOf("unit-1"))).toEqual(unitKey);
    expect(readFileSync(join(root, "unit-1", "of-the-backup"), "utf8")).toBe("unit-1");
    expect(existsSync(join(root, "validator-2"))).toBe(false);
    expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("takes keys that were lost, too, from the archive", async () => {
    const unitKey = readFileSync(keyOf("unit-1"));
    for (const id of lost) rmSync(keyOf(id));
    await restore(...lost);
    expect(readFileSync(keyOf("unit-1"))).toEqual(unitKey);
    for (const id of ["validator-1", "validator-2"]) {
      expect(loadNewVoteKey(join(root, id))?.succession.newKey).toEqual(
        loadSigningKey(keyOf(id)).publicKey,
      );
    }
  });

  it("leaves the old vote key where it is when it fails after the new one was made", async () => {
    const before = readFileSync(keyOf("validator-1"));
    // Neither the site nor the archive has the other one's key.
    rmSync(keyOf("validator-2"));
    rmSync(archive);
    await saveAndLose();
    await expect(restore("validator-1", "validator-2")).rejects.toMatchObject({
      code: "VOTE_KEY_UNKNOWN",
    });
    expect(readFileSync(keyOf("validator-1"))).toEqual(before);
    expect(readdirSync(join(root, "keys")).filter((name) => name.endsWith(".new"))).toEqual([]);
    for (const id of lost) expect(existsSync(join(root, id)), id).toBe(false);
  });

  it("refuses what cannot be brought back, and says which", async () => {
    await expect(restore("unit-8")).rejects.toMatchObject({ code: "MEMBER_UNKNOWN" });
    await expect(restore("validator-3")).rejects.toMatchObject({ code: "MEMBER_UNKNOWN" });
    const many = ["validator-1", "validator-2", "validator-3"];
    await expect(restore(...many)).rejects.toMatchObject({ code: "NO_QUORUM" });
    const elsewhere = { archive, target: folder, members: ["unit-1"], clock, progress: () => {} };
    await expect(restoreMembers(elsewhere)).rejects.toMatchObject({ code: "SITE_MISSING" });
    mkdirSync(join(root, "unit-1"));
    writeFileSync(join(root, "unit-1", "something"), "");
    await expect(restore("unit-1")).rejects.toMatchObject({ code: "MEMBER_EXISTS" });
  });

  it("refuses a site that runs, and an archive of another site", async () => {
    const release = lockSite(sitePaths(root).lock);
    await expect(restore("unit-1")).rejects.toMatchObject({ code: "SITE_IN_USE" });
    release();
    const target = join(folder, "another");
    const size = { units: 7, vehicles: 1 };
    createSite({ paths: sitePaths(target), size, clock, random: systemRandom });
    const foreign = { archive, target, members: ["unit-1"], clock, progress: () => {} };
    await expect(restoreMembers(foreign)).rejects.toMatchObject({ code: "MANIFEST_MISMATCH" });
  });
});
