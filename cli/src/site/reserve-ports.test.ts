import { freePort, holdPort } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { reservePorts } from "./reserve-ports.ts";
import { portList } from "./site-ports.ts";

describe("the ports of a site", () => {
  it("are free, different and kept from other sites until it ends, when free ones are asked for", async () => {
    const sites = await Promise.all(
      Array.from({ length: 8 }, () => reservePorts({ base: 0, units: 4 })),
    );
    const all = sites.flatMap(({ ports }) => portList(ports));
    expect(new Set(all).size).toBe(8 * 32);
    for (const port of portList(sites[0]?.ports ?? expect.unreachable())) {
      const server = await holdPort(port);
      expect(server?.listening).toBe(true);
      server?.close();
    }
    for (const { release } of sites) release();
  });

  it("are refused by number when one is taken", async () => {
    const port = await freePort();
    const taken = await holdPort(port);
    const refusal = reservePorts({ base: port, units: 1 });
    await expect(refusal).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(String(port)),
    });
    taken?.close();
    await (await reservePorts({ base: port, units: 1 })).release();
  });
});
