import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { classCommands } from "./class-commands.ts";
import { LinkShaper } from "./link-shaper.ts";

const netns = `voltfog-test-${process.pid}`;
const link = {
  ...{ device: "veth0", rate_bytes: 1_250_000, side: "vehicle" as const },
  ports: [[8884], [8093], [8883]],
};
/** Why no network namespace can be made here; undefined where it can. */
let denied: string | undefined;

const ip = (...words: string[]): void => {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
};

beforeEach(() => {
  denied = undefined;
  try {
    ip("netns", "add", netns);
    ip("-n", netns, "link", "add", "veth0", "type", "veth", "peer", "name", "veth1");
    ip("-n", netns, "link", "set", "veth0", "up");
  } catch (thrown) {
    denied = String(thrown);
  }
});

afterEach(() => {
  if (denied === undefined) ip("netns", "del", netns);
});

const code = (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => "opened",
    (thrown: { code?: unknown }) => thrown.code,
  );

/** Where the machine forbids namespaces, it says so in a code of the closed list instead. */
const refusals = /^(TC_MISSING|TC_NOT_PERMITTED|TC_FAILED|LINK_TAKEN)$/;

describe("classes on a link", () => {
  it("are made and taken away again, or refused with a code", async () => {
    if (denied !== undefined) {
      expect(await code(LinkShaper.open({ ...link, device: "none" }))).toMatch(refusals);
      return;
    }
    const shaper = await LinkShaper.open(link, { netns });
    const sent = await shaper.sent_bytes();
    expect([...sent.keys()].sort()).toEqual(["1:1", "1:10", "1:20", "1:30", "1:40"]);
    expect(await code(LinkShaper.open(link, { netns }))).toBe("LINK_TAKEN");
    await shaper.close();
    await (await LinkShaper.open(link, { netns })).close();
  });

  it("leave nothing behind where one command fails", async () => {
    const wrong = { ...link, ports: [[99_999_999]] };
    expect(await code(LinkShaper.open(wrong, { netns }))).toMatch(refusals);
    if (denied === undefined) await (await LinkShaper.open(link, { netns })).close();
  });

  it("tell alarms by the unit's port from either side, in IPv4 and IPv6", () => {
    const filters = (side: "vehicle" | "unit"): string[] =>
      classCommands({ ...link, side, ports: [[8884]] })
        .filter(([kind]) => kind === "filter")
        .map((words) => words.join(" "));
    expect(filters("vehicle")).toEqual([
      expect.stringMatching(/protocol ip .*match ip dport 8884 0xffff flowid 1:10$/),
      expect.stringMatching(/protocol ipv6 .*match ip6 dport 8884 0xffff flowid 1:10$/),
    ]);
    expect(filters("unit")[0]).toMatch(/match ip sport 8884/);
  });
});
