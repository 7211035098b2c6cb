import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { parseBasePort, portList, portsAbove, reservePorts, unitsMax } from "./site-ports.ts";

describe("site ports", () => {
  it("stand in blocks of ten above the base", () => {
    expect(portsAbove(8080, 2)).toEqual({
      cloud: 8080,
      controller: { http: 8081, backbone: 8083 },
      edge: 8082,
      units: [
        { http: 8091, mqtt: 8101, backbone: 8131 },
        { http: 8092, mqtt: 8102, backbone: 8132 },
      ],
      validators: [
        { p2p: 8111, http: 8121, backbone: 8141 },
        { p2p: 8112, http: 8122, backbone: 8142 },
      ],
    });
  });

  it("never meet, even with the most units", () => {
    const ports = portList(portsAbove(1000, unitsMax));
    expect(new Set(ports).size).toBe(4 + 6 * unitsMax);
  });

  it("take any base that leaves room, and 0", () => {
    for (const text of ["0", "1", "8080", "65465"]) expect(parseBasePort(text)).toBe(Number(text));
    for (const text of ["", "-1", "65466", "99999", "8080x", "1e3", "80 80"]) {
      expect(() => parseBasePort(text)).toThrow(/--port is/);
    }
  });

  it("are free and different when free ones are asked for", async () => {
    const ports = portList(await reservePorts({ base: 0, units: 4 }));
    expect(ports).toHaveLength(28);
    expect(new Set(ports).size).toBe(28);
    expect(Math.min(...ports)).toBeGreaterThan(0);
  });

  it("are refused by number when one is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const refusal = reservePorts({ base: port, units: 1 });
      await expect(refusal).rejects.toMatchObject({
        code: "PORT_IN_USE",
        message: expect.stringContaining(String(port)),
      });
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });
});
