import { expect, test } from "vitest";
import { parsePeers } from "./peer-addresses.ts";

const parse = (...peers: readonly string[]): unknown => parsePeers({ peers, self: "validator-1" });

test("a peer is its id, its host and its port", () => {
  expect(parse("validator-3@10.0.0.7:8060", "validator-2@[::1]:1")).toEqual([
    { id: "validator-3", host: "10.0.0.7", port: 8060 },
    { id: "validator-2", host: "::1", port: 1 },
  ]);
});

test.each([
  "validator-2",
  "validator-2@host",
  "validator-2@host:0",
  "validator-2@host:65536",
  "validator-2@ho st:80",
  "Validator-2@host:80",
  "validator-1@host:80",
])("%s is refused with what is wrong", (text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: "PEERS_INVALID" }));
});

test("a peer that is named twice is refused", () => {
  expect(() => parse("validator-2@a:80", "validator-2@b:80")).toThrow("named twice");
});
