import { utf8 } from "@voltfog/runtime";
import { expect, it } from "vitest";
import type { Reply } from "../remote/remote.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { ValidatorRelay } from "./validator-relay.ts";

const { signal } = new AbortController();
const hash = "ab".repeat(32);
const bytes = Uint8Array.of(1, 2, 3);

function says(status: number, body: unknown, retryAfter_s?: number): Reply {
  return { status, body: utf8(JSON.stringify(body)), retryAfter_s };
}

function validator(reply: Reply): ReturnType<typeof fakeRemote> & { asked: string[] } {
  const asked: string[] = [];
  const remote = fakeRemote({
    answer(path, _json, sent) {
      asked.push(`${path} ${sent?.join()}`);
      return reply;
    },
  });
  return Object.assign(remote, { asked });
}

it("hands the bytes to the first validator that answers, and asks that one first from then on", async () => {
  const [dead, alive] = [validator(says(202, { hash })), validator(says(202, { hash }))];
  dead.down = true;
  const relay = new ValidatorRelay({ remotes: [dead, alive], signal });
  expect(await relay.submit(bytes)).toEqual({ ok: true, hash });
  dead.down = false;
  await relay.submit(bytes);
  expect(dead.asked).toEqual([]);
  expect(alive.asked).toEqual(["/v1/transactions 1,2,3", "/v1/transactions 1,2,3"]);
});

it("passes a refusal on with its code and the time to wait, and asks nobody else", async () => {
  const full = says(429, { code: "MEMPOOL_FULL", message: "8192 transactions wait" }, 1);
  const [first, second] = [validator(full), validator(says(202, { hash }))];
  const relay = new ValidatorRelay({ remotes: [first, second], signal });
  expect(await relay.submit(bytes)).toEqual({
    ...{ ok: false, status: 429, code: "MEMPOOL_FULL" },
    ...{ message: "8192 transactions wait", retryAfter_s: 1 },
  });
  expect(second.asked).toEqual([]);
});

it.each([
  ["a validator that no longer votes", says(503, { code: "VOTING_STOPPED", message: "" })],
  ["one that does not let this process in", says(403, { code: "ROLE_REFUSED", message: "" })],
  ["an answer without a code", says(400, {})],
  ["a hash that is none", says(202, { hash: "x" })],
  ["something else than JSON", { status: 202, body: utf8("<html>") }],
])("passes over %s", async (_name, reply) => {
  const remotes = [validator(reply), validator(says(202, { hash }))];
  const relay = new ValidatorRelay({ remotes, signal });
  expect(await relay.submit(bytes)).toEqual({ ok: true, hash });
});

it("says so where no validator answers", async () => {
  const dead = validator(says(202, { hash }));
  dead.down = true;
  const refused = { code: "MARKET_UNREACHABLE", statusCode: 503 };
  const relay = new ValidatorRelay({ remotes: [dead], signal });
  await expect(relay.submit(bytes)).rejects.toMatchObject(refused);
  const nobody = new ValidatorRelay({ remotes: [], signal });
  await expect(nobody.submit(bytes)).rejects.toMatchObject(refused);
});
