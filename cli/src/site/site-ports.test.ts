import { describe, expect, it } from "vitest";
import { parseBasePort, portList, portsAbove, unitsMax } from "./site-ports.ts";

describe("site ports", () => {
  it("stand in blocks of ten above the base", () => {
    expect(portsAbove(8080, 2)).toEqual({
      cloud: 8080,
      controller: { http: 8081, backbone: 8083 },
      edge: 8082,
      units: [
        { http: 8091, mqtt: 8101, urgent: 8151, backbone: 8131 },
        { http: 8092, mqtt: 8102, urgent: 8152, backbone: 8132 },
      ],
      validators: [
        { p2p: 8111, http: 8121, backbone: 8141 },
        { p2p: 8112, http: 8122, backbone: 8142 },
      ],
    });
  });

  it("never meet, even with the most units", () => {
    const ports = portList(portsAbove(1000, unitsMax));
    expect(new Set(ports).size).toBe(4 + 7 * unitsMax);
  });

  it("take any base that leaves room, and 0", () => {
    for (const text of ["0", "1", "8080", "65455"]) expect(parseBasePort(text)).toBe(Number(text));
    for (const text of ["", "-1", "65456", "99999", "8080x", "1e3", "80 80"]) {
      expect(() => parseBasePort(text)).toThrow(/--port is/);
    }
  });
});
