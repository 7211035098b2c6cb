import { silentLogger } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { NftDriver } from "./nft-driver.ts";
import { nftRules } from "./nft-rules.ts";
import { TcDriver } from "./tc-driver.ts";

const rules = {
  limits: [{ vehicleId: "*", rate_bytes: 2048, ratePackets: 10 }],
  quarantine: [
    { vehicleId: "vehicle-01", since_ms: 1, reason: "forged" },
    { address: "192.0.2.7", since_ms: 1, reason: "scans" },
  ],
  deny: [{ address: "203.0.113.0/24" }, { address: "2001:db8::/32" }],
};

describe("drivers of the kernel", () => {
  it("say what they cannot do and why, and hold up nothing", async () => {
    const link = {
      device: "no-such-link",
      rate_bytes: 1_250_000,
      side: "unit" as const,
      ports: [],
    };
    const tc = new TcDriver({ link, logger: silentLogger });
    await tc.apply(rules);
    expect(tc.cannot).toEqual([
      { what: "classes on no-such-link", why: expect.stringMatching(/^TC_/) },
    ]);
    await tc.close();
  });

  it("keep addresses out in the kernel, or name what is missing", async () => {
    const nft = new NftDriver({ unitId: "unit-test", ports: [59_999], logger: silentLogger });
    await nft.apply(rules);
    const [shortfall] = nft.cannot;
    expect(shortfall?.what).toMatch(/^(denied addresses in the kernel|limits and quarantine by)/);
    expect(shortfall?.why).toMatch(/^(NFT_MISSING|NFT_REFUSED|packets name no vehicle)/);
    await nft.close();
  });

  it("put every address into the set of its family, and nothing where nobody is kept out", () => {
    const script = nftRules({ table: "voltfog_unit_1", ports: [8883, 8884], rules });
    expect(script).toContain("elements = { 203.0.113.0/24, 192.0.2.7 }");
    expect(script).toContain("elements = { 2001:db8::/32 }");
    expect(script).toContain("tcp dport { 8883, 8884 } ip saddr @denied4 drop");
    const empty = nftRules({ table: "t", ports: [1], rules: { deny: [], quarantine: [] } });
    expect(empty).toBe("add table inet t\ndelete table inet t\n");
  });
});
