import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mountOf, openWorkFolder } from "./work-folder.ts";

const mounts = [
  "/dev/vda / ext4 rw 0 0",
  "tmpfs /tmp tmpfs rw 0 0",
  "/dev/vdb /tmp/disk xfs rw 0 0",
  "overlay /over overlay rw 0 0",
  "tmpfs /over tmpfs rw 0 0",
  "",
].join("\n");

describe("the file system of a folder", () => {
  it.each([
    ["/home/somebody", "ext4"],
    ["/", "ext4"],
    ["/tmp", "tmpfs"],
    ["/tmp/a/b", "tmpfs"],
    ["/tmp/disk/a", "xfs"],
    ["/tmpfile", "ext4"],
    ["/over/a", "tmpfs"],
  ])("%s lies on %s", (folder, type) => {
    expect(mountOf({ folder, mounts })).toBe(type);
  });

  it("is not known without a table of mounts", () => {
    expect(mountOf({ folder: "/a", mounts: "" })).toBeUndefined();
  });
});

describe("the folder of an experiment", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "work-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made where it was asked for", () => {
    const wanted = join(folder, "a", "b");
    expect(openWorkFolder(wanted)).toBe(wanted);
    expect(existsSync(wanted)).toBe(true);
  });

  it("is never one that holds something else", () => {
    writeFileSync(join(folder, "precious"), "");
    expect(() => openWorkFolder(folder)).toThrow(/holds files already/);
  });

  it("is never one in memory, where fdatasync is free", () => {
    // Linux has a folder in memory; elsewhere nothing can be told, and the folder is taken.
    if (!existsSync("/dev/shm")) return expect(openWorkFolder(join(folder, "b"))).toBeDefined();
    const inMemory = mkdtempSync("/dev/shm/work-");
    try {
      expect(() => openWorkFolder(join(inMemory, "a"))).toThrow(/kept in memory \(tmpfs\)/);
    } finally {
      rmSync(inMemory, { recursive: true });
    }
  });
});
