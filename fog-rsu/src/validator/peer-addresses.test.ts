import { expect, test } from "vitest";
import { parsePeers } from "./peer-addresses.ts";

const validators = ["validator-1", "validator-2", "validator-3"].map((id) => ({
  id,
  organisation: "north",
  voteKey: new Uint8Array(32),
}));
const parse = (...peers: readonly string[]): unknown => parsePeers({ peers, validators, self: 0 });

test("a peer is its place in the genesis file, its host and its port", () => {
  expect(parse("validator-3@10.0.0.7:8060", "validator-2@[::1]:1")).toEqual([
    { voter: 2, host: "10.0.0.7", port: 8060 },
    { voter: 1, host: "::1", port: 1 },
  ]);
});

test.each([
  "validator-2",
  "validator-2@host",
  "validator-2@host:0",
  "validator-2@host:65536",
  "validator-2@ho st:80",
  "validator-9@host:80",
  "validator-1@host:80",
])("%s is refused with what is wrong", (text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: "PEERS_INVALID" }));
});

test("a peer that is named twice is refused", () => {
  expect(() => parse("validator-2@a:80", "validator-2@b:80")).toThrow("named twice");
});
