import { ManualClock } from "@voltfog/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import { Conduct } from "./conduct.ts";

let clock: ManualClock;
let conduct: Conduct;

beforeEach(() => {
  clock = new ManualClock(1000);
  conduct = new Conduct({ clock, budget: 3 });
});

const offend = (): unknown => conduct.offended("vehicle-01", "SIGNATURE_FORGED");

describe("the conduct of a vehicle", () => {
  it("is too bad at its third forged frame within a minute, not before", () => {
    expect([offend(), offend()]).toEqual([undefined, undefined]);
    expect(offend()).toMatchObject({
      vehicleId: "vehicle-01",
      offence: "SIGNATURE_FORGED",
      count: 3,
    });
  });

  it("is forgotten after a minute, and when an operator lets it back in", () => {
    offend();
    offend();
    clock.advance(60_000);
    expect(offend()).toBeUndefined();
    offend();
    conduct.forget("vehicle-01");
    expect([offend(), offend()]).toEqual([undefined, undefined]);
  });

  it("counts offences of each kind and of each vehicle by themselves", () => {
    offend();
    offend();
    conduct.offended("vehicle-02", "SIGNATURE_FORGED");
    expect(conduct.offended("vehicle-01", "CHAIN_FORKED")).toBeUndefined();
    expect(conduct.offended("vehicle-02", "SIGNATURE_FORGED")).toBeUndefined();
  });

  it("is good however often it resends everything after reconnecting", () => {
    for (let connection = 0; connection < 50; connection++) {
      conduct.connected("vehicle-01");
      for (let frame = 0; frame < 500; frame++) {
        expect(conduct.repeated("vehicle-01", `frame ${frame}`)).toBeUndefined();
      }
    }
  });

  it("is too bad when one connection sends the same frames again and again", () => {
    const verdicts = Array.from({ length: 40 }, () => conduct.repeated("vehicle-01", "frame"));
    expect(verdicts.findIndex((verdict) => verdict !== undefined)).toBe(32);
    expect(verdicts[32]).toMatchObject({ offence: "FRAME_REPLAYED", budget: 32 });
  });

  it("is a flood when it is held at its limit for ten seconds by what are no frames", () => {
    const verdicts = Array.from({ length: 12 }, (_, s) => {
      clock.advance(1000);
      return conduct.throttled("vehicle-01", { packets: s * 4000, length_bytes: s * 8000 });
    });
    expect(verdicts.findIndex((verdict) => verdict !== undefined)).toBe(9);
    expect(verdicts[9]).toMatchObject({ offence: "FLOODING", count: 10 });
  });

  it("is no flood while it catches up at its limit with frames, for hours", () => {
    for (let s = 0; s < 20_000; s++) {
      clock.advance(1000);
      for (let frame = 0; frame < 5; frame++) conduct.explained("vehicle-01");
      const spent = { packets: s * 5, length_bytes: s * 20_000 };
      expect(conduct.throttled("vehicle-01", spent)).toBeUndefined();
    }
  });

  it("is a flood when its frames are more than any outbox holds", () => {
    const verdicts = Array.from({ length: 300 }, (_, s) => {
      clock.advance(1000);
      for (let frame = 0; frame < 1000; frame++) conduct.explained("vehicle-01");
      return conduct.throttled("vehicle-01", { packets: s * 1000, length_bytes: s * 8_388_608 });
    });
    expect(verdicts.findIndex((verdict) => verdict !== undefined)).toBe(128);
  });

  it("is no flood when it comes to its limit now and then", () => {
    for (let s = 0; s < 100; s++) {
      clock.advance(4000);
      const spent = { packets: s * 9000, length_bytes: s * 9000 };
      expect(conduct.throttled("vehicle-01", spent)).toBeUndefined();
    }
  });

  it("judges nobody without a budget", () => {
    conduct = new Conduct({ clock, budget: 0 });
    for (let i = 0; i < 100; i++) expect(offend()).toBeUndefined();
    for (let i = 0; i < 100; i++) {
      clock.advance(1000);
      const spent = { packets: i * 9000, length_bytes: 0 };
      expect(conduct.throttled("vehicle-01", spent)).toBeUndefined();
    }
  });
});
