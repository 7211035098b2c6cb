import { expect, test } from "vitest";
import { statusHeader, statusRows } from "./status-rows.ts";

const record = {
  ...{ pointId: "a*1", siteId: "a", name: "Quai, 1", latitude: 48.8, longitude: 2.3, types: [] },
  ...{ power_kW: 0, price_EURperkWh: 0, status: "charging" as const },
};

test("a snapshot becomes rows under the header, with what is not said left empty", () => {
  const rows = statusRows({
    at_ms: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    records: [
      { ...record, updated_ms: Date.UTC(2026, 0, 2, 3, 4, 0) },
      { ...record, pointId: 'b",2' },
    ],
  });
  expect(rows).toBe(
    "2026-01-02T03:04:05Z,a*1,charging,2026-01-02T03:04:00Z\n" +
      '2026-01-02T03:04:05Z,"b"",2",charging,\n',
  );
  expect(statusHeader.split(",")).toHaveLength(4);
});
