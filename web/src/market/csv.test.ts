import { expect, it } from "vitest";
import { csvAddress } from "./csv.ts";

const textOf = (address: string): string =>
  decodeURIComponent(address.split(",").slice(1).join(","));

it("a file has a head, one line for each row, and quotes what would break a line", () => {
  const rows = [
    { name: 'pile "1", north', energy_Wh: 5, home: null },
    { name: "plain", energy_Wh: -7, home: "x" },
  ];
  expect(textOf(csvAddress(rows)).split("\r\n")).toEqual([
    "name,energy_Wh,home",
    '"pile ""1"", north",5,',
    "plain,-7,x",
  ]);
  expect(textOf(csvAddress([]))).toBe("");
});
