import { describe, expect, it } from "vitest";
import { parseUnitAddresses } from "./unit-address.ts";

describe("parseUnitAddresses", () => {
  it("reads a unit's id, backbone address and MQTT address", () => {
    expect(parseUnitAddresses(["unit-1@https://10.0.0.1:8091@10.0.0.1:8101"])).toEqual({
      ok: true,
      value: [
        {
          id: "unit-1",
          backboneUrls: ["https://10.0.0.1:8091"],
          mqttUrl: "mqtts://10.0.0.1:8101",
          zone: null,
          most: null,
        },
      ],
    });
  });

  it("reads several uplinks to one unit", () => {
    expect(parseUnitAddresses(["unit-1@https://a:1|https://b:2@b:3"])).toMatchObject({
      value: [{ backboneUrls: ["https://a:1", "https://b:2"] }],
    });
  });

  it("reads what bounds a unit's own word", () => {
    const facts = "zone=north;cpu=2;memory_MB=512";
    expect(parseUnitAddresses([`unit-1@https://a:1@b:3;${facts}`])).toMatchObject({
      value: [{ zone: "north", most: { cpu: 2, memory_MB: 512 } }],
    });
  });

  it.each([
    "unit-1@https://a:1@b:2;cpu=2",
    "unit-1@https://a:1@b:2;cpu=0;memory_MB=1",
    "unit-1@https://a:1@b:2;cpu=NaN;memory_MB=1",
    "unit-1@https://a:1@b:2;colour=red",
    "unit-1@https://a:1|@b:2",
    "unit-1@https://a:1|http://b:1@b:2",
    "unit-1@https://a:1|https://a:1@b:2",
    "",
    "unit-1",
    "unit-1@https://a:1",
    "unit-1@https://a:1@b",
    "unit-1@https://a:1@b:99999",
    "Unit@https://a:1@b:2",
    "unit-1@ftp://a:1@b:2",
    "unit-1@http://a:1@b:2",
    "unit-1@https://a:1/path@b:2",
    "unit-1@https://user@a:1@b:2",
  ])("refuses %j", (text) => {
    expect(parseUnitAddresses([text]).ok).toBe(false);
  });

  it("refuses an empty list and a unit named twice", () => {
    const unit = "unit-1@https://a:1@b:2";
    expect(parseUnitAddresses([])).toMatchObject({ ok: false });
    expect(parseUnitAddresses([unit, unit])).toMatchObject({
      problem: { code: "UNIT_ADDRESS_INVALID", detail: "unit unit-1 is named twice" },
    });
  });
});
