import { type Chain, type ConsortiumChange, encodeChange } from "@voltfog/ledger";
import { expect, test } from "vitest";
import { AdmissionDesk } from "./admission-desk.ts";

const request = (id: string): ConsortiumChange => ({
  kind: "admit-validator",
  id,
  organisation: "north",
  voteKey: new Uint8Array(32).fill(1),
  cosignerKey: new Uint8Array(32).fill(2),
  anchorAddress: new Uint8Array(20),
  endpoint: "127.0.0.1:1000",
  possession: new Uint8Array(64),
});

/** As much of a chain as the desk asks. */
function chainWith(...ids: string[]): { chain: Chain; seat(id: string): void } {
  const validators = ids.map((id) => ({ id }));
  const chain = { validators } as unknown as Chain;
  return { chain, seat: (id) => validators.push({ id }) };
}

test("a validator says its request until it has a seat", () => {
  const { chain, seat } = chainWith("one");
  const own = encodeChange(request("two"));
  const desk = new AdmissionDesk({ chain, own });
  expect(desk.toSay).toEqual(own);
  seat("two");
  expect(desk.toSay).toBeUndefined();
  expect(new AdmissionDesk({ chain, own: undefined }).toSay).toBeUndefined();
});

test("a request is taken from its own validator alone, and shown until there is a seat", () => {
  const { chain, seat } = chainWith("one");
  const desk = new AdmissionDesk({ chain, own: undefined });
  desk.receive("three", encodeChange(request("two")));
  desk.receive(undefined, encodeChange(request("two")));
  desk.receive("two", new Uint8Array([1, 2, 3]));
  desk.receive("two", encodeChange({ kind: "remove-validator", id: "two" }));
  expect(desk.waiting).toEqual([]);
  desk.receive("two", encodeChange(request("two")));
  desk.receive("two", encodeChange(request("two")));
  expect(desk.waiting).toEqual([request("two")]);
  seat("two");
  expect(desk.waiting).toEqual([]);
});

test("requests are bounded: the oldest gives way", () => {
  const desk = new AdmissionDesk({ chain: chainWith().chain, own: undefined });
  for (let at = 0; at < 40; at++) desk.receive(`node-${at}`, encodeChange(request(`node-${at}`)));
  expect(desk.waiting.length).toBe(32);
  expect(desk.waiting[0]?.id).toBe("node-8");
});
