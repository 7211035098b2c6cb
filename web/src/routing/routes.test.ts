import { expect, test } from "vitest";
import { movedTo, routeOf } from "./routes.ts";

const hash = "ab".repeat(32);

test.each([
  ["/", "/", ""],
  ["/vehicles/car%201", "/fleet", "car 1"],
  ["/vehicles/%E0%A4%A", "/fleet", "%E0%A4%A"],
  [`/events/${hash}`, "/operations", hash],
  ["/chain", "/chain", ""],
  ["/chain/blocks/12", "/chain", "12"],
  [`/chain/transactions/${hash}`, "/chain", hash],
  ["/chain/changes", "/chain", ""],
  ["/chain/blocks/0", "", "/chain/blocks/0"],
  ["/chain/blocks/x", "", "/chain/blocks/x"],
  [`/chain/transactions/${hash}0`, "", `/chain/transactions/${hash}0`],
  ["/settlement", "/settlement", ""],
  ["/wallet", "/settlement", ""],
  ["/piles", "/settlement", ""],
  ["/v2v", "/settlement", ""],
  ["/sign-in", "", ""],
  ["/nowhere", "", "/nowhere"],
])("%s stands behind the door %s, with the id %s", (path, section, id) => {
  const found = routeOf(path);
  expect([found.route.section, found.id]).toEqual([section, id]);
});

test("what a page shows nothing without is known before it is shown", () => {
  expect(routeOf("/vehicles/car-1").route.needs).toBe("/v1/vehicles/:id");
  expect(routeOf("/chain/blocks/12").route.needs).toBe("/v1/chain");
  expect(routeOf("/wallet").route.needs).toBe("/v1/market/overview");
  // Anybody may charge, and verify what they hold; and sign in.
  for (const path of ["/", "/drive", "/proof", "/sign-in", "/nowhere"]) {
    expect(routeOf(path).route.needs, path).toBeUndefined();
  }
});

test("addresses of the ledger page lead to the same things", () => {
  const query = (text: string): URLSearchParams => new URLSearchParams(text);
  expect(movedTo("/ledger", query(""))).toBe("/chain");
  expect(movedTo("/ledger", query("block=7"))).toBe("/chain/blocks/7");
  expect(movedTo("/ledger", query("block=//evil"))).toBe("/chain");
  expect(movedTo("/chain", query("block=7"))).toBe(undefined);
});
