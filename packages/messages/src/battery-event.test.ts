import { utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BatteryEvent, eventDetail, eventId } from "./battery-event.ts";
import { parseBatteryEvent, parseEventDetail } from "./parse-battery-event.ts";

const event: BatteryEvent = {
  id: "00".repeat(32),
  class: "thermal-alert",
  state: "asserted",
  level: 2,
  vehicleId: "vehicle-01",
  unitId: "unit-1",
  functionId: "thermal-alert",
  functionVersion: "1.0.0",
  cell: 5,
  value: 60.5,
  limit: 60,
  unit: "degC",
  at_ms: 1_790_000_000_000,
  frame: { stream: "telemetry", sequence: 42, commitment: "cd".repeat(32) },
  origin: "replayed",
  sentence: "Sensor 5 reads 60.5 °C, the warning limit is 60 °C.",
};

describe("an event's detail", () => {
  it("is JSON with sorted keys, no spaces and no id", () => {
    expect(new TextDecoder().decode(eventDetail(event))).toBe(
      '{"at_ms":1790000000000,"cell":5,"class":"thermal-alert","frame":{"commitment":"' +
        `${"cd".repeat(32)}","sequence":42,"stream":"telemetry"},"functionId":"thermal-alert",` +
        '"functionVersion":"1.0.0","level":2,"limit":60,"origin":"replayed","sentence":' +
        '"Sensor 5 reads 60.5 °C, the warning limit is 60 °C.","state":"asserted","unit":"degC",' +
        '"unitId":"unit-1","value":60.5,"vehicleId":"vehicle-01"}',
    );
  });

  it("does not depend on the order of the keys, and is read back", () => {
    const { sentence, ...rest } = event;
    const turned = { sentence, ...Object.fromEntries(Object.entries(rest).reverse()) };
    expect(eventDetail(turned as BatteryEvent)).toEqual(eventDetail(event));
    const read = parseEventDetail({ detail: eventDetail(event), id: event.id });
    expect(read).toEqual({ ok: true, value: event });
  });

  it("gives with the salt the id", () => {
    const salt = new Uint8Array(16).fill(3);
    const id = eventId({ detail: eventDetail(event), salt, crypto });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(eventId({ detail: eventDetail({ ...event, level: 3 }), salt, crypto })).not.toBe(id);
  });

  it("is refused in any other spelling", () => {
    const text = new TextDecoder().decode(eventDetail(event));
    for (const other of [
      ` ${text}`,
      text.replace(":2,", ":2.0,"),
      text.replace("°", "\\u00b0"),
      text.replace('"level":2', '"level":2,"level":2'),
      text.replace('{"at_ms"', '{"id":"","at_ms"'),
      text.slice(1),
    ]) {
      expect(parseEventDetail({ detail: utf8(other), id: event.id }).ok).toBe(false);
    }
  });

  it("gets a verdict for any bytes and any JSON", () => {
    const id = event.id;
    fc.assert(fc.property(fc.uint8Array(), (detail) => !parseEventDetail({ detail, id }).ok));
    fc.assert(fc.property(fc.json(), (text) => !parseEventDetail({ detail: utf8(text), id }).ok));
  });
});

describe("an event that came as JSON", () => {
  it("is taken when every field is as it must be", () => {
    expect(parseBatteryEvent(JSON.parse(JSON.stringify(event)))).toEqual({
      ok: true,
      value: event,
    });
    expect(parseBatteryEvent({ ...event, cell: null }).ok).toBe(true);
  });

  it("is refused with a field missing, unknown or wrong, and the problem names it", () => {
    for (const key of Object.keys(event)) {
      const { [key as keyof BatteryEvent]: _left, ...rest } = event;
      for (const value of [rest, { ...event, [key]: { odd: true } }]) {
        const parsed = parseBatteryEvent(value);
        expect(parsed).toMatchObject({
          ok: false,
          problem: { detail: expect.stringContaining(key) },
        });
      }
    }
    expect(parseBatteryEvent({ ...event, more: 1 }).ok).toBe(false);
    expect(parseBatteryEvent({ ...event, frame: { ...event.frame, more: 1 } }).ok).toBe(false);
    expect(parseBatteryEvent({ ...event, value: Number.NaN }).ok).toBe(false);
    for (const value of [null, [], "event", 1]) expect(parseBatteryEvent(value).ok).toBe(false);
  });
});
