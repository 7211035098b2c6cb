import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addErasureOrder,
  clearErasureOrders,
  erasureOrdersFile,
  type FrameErasure,
  isOrdered,
  readErasureOrders,
} from "./erasure-orders.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "orders-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const order: FrameErasure = {
  ...{ vehicleId: "vehicle-01", keyIds: ["ab".repeat(16)], stream: "urgent", from: 2, to: 4 },
  ...{ isWhole: false, by: "a", reason: "b", ordered_ms: 7 },
};

describe("orders to erase", () => {
  it("wait in a process's folder until they are carried out", () => {
    expect(readErasureOrders(folder)).toEqual([]);
    addErasureOrder(folder, order);
    addErasureOrder(folder, { ...order, isWhole: true });
    expect(readErasureOrders(folder)).toEqual([order, { ...order, isWhole: true }]);
    clearErasureOrders(folder);
    clearErasureOrders(folder);
    expect(readErasureOrders(folder)).toEqual([]);
  });

  it("are refused where the file is another one", () => {
    const wrong = [
      { ...order, from: "2" },
      { ...order, vehicleId: "../x" },
      { ...order, keyIds: ["x"] },
      null,
    ];
    for (const content of [
      ...wrong.map((one) => ({ version: 1, orders: [one] })),
      { version: 2 },
      7,
    ]) {
      writeFileSync(join(folder, erasureOrdersFile), JSON.stringify(content));
      expect(() => readErasureOrders(folder)).toThrow(/no list of orders/);
    }
    writeFileSync(join(folder, erasureOrdersFile), "{");
    expect(() => readErasureOrders(folder)).toThrow(/no list of orders/);
  });

  it("are about a stream and a range, or about everything", () => {
    expect(isOrdered(order, { stream: "urgent", sequence: 4 })).toBe(true);
    expect(isOrdered(order, { stream: "urgent", sequence: 5 })).toBe(false);
    expect(isOrdered(order, { stream: "telemetry", sequence: 3 })).toBe(false);
    expect(isOrdered({ ...order, stream: null }, { stream: "telemetry", sequence: 3 })).toBe(true);
    expect(isOrdered({ ...order, isWhole: true }, { stream: "telemetry", sequence: 9 })).toBe(true);
  });
});
