import { accountAction, decodeTransaction, encodeNomination } from "@voltfog/ledger";
import { ManualClock, utf8 } from "@voltfog/runtime";
import { expect, it } from "vitest";
import { createSite, FakeChain } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { newSigner } from "../testing/test-vehicle.ts";
import { Sponsor } from "./sponsor.ts";
import { ValidatorRelay } from "./validator-relay.ts";

const { chain } = new FakeChain(createSite());
const call = {
  action: accountAction.nameAuthority,
  payload: encodeNomination(new Uint8Array(32)),
};

/** A sponsor whose validator gives these codes in turn, then takes everything; and the nonces it saw. */
function sponsorOf(codes: string[]): { sponsor: Sponsor; nonces: number[]; clock: ManualClock } {
  const nonces: number[] = [];
  const validator = fakeRemote({
    answer(_path, _json, bytes) {
      const sent = decodeTransaction(bytes ?? new Uint8Array());
      if (sent.ok) nonces.push(sent.value.nonce);
      const code = codes.shift();
      const body = code === undefined ? { hash: "ab".repeat(32) } : { code, message: "" };
      return { status: code === undefined ? 202 : 409, body: utf8(JSON.stringify(body)) };
    },
  });
  const { signal } = new AbortController();
  const relay = new ValidatorRelay({ remotes: [validator], signal });
  const clock = new ManualClock(5000);
  return { sponsor: new Sponsor({ signer: newSigner(), relay, clock }), nonces, clock };
}

it("takes the wall clock's nonces, and rises where many come at one time", async () => {
  const { sponsor, nonces, clock } = sponsorOf([]);
  await Promise.all([1, 2, 3].map(() => sponsor.send(chain, call)));
  clock.advance(1000);
  await sponsor.send(chain, call);
  expect(nonces).toEqual([5000, 5001, 5002, 6000]);
});

it("signs again where another holder of the key took the nonce, and not for ever", async () => {
  const { sponsor, nonces } = sponsorOf(["NONCE_TAKEN", "TX_NONCE_STALE"]);
  expect(await sponsor.send(chain, call)).toMatchObject({ ok: true });
  expect(nonces).toEqual([5000, 5001, 5002]);
  const unlucky = sponsorOf(Array.from({ length: 9 }, () => "NONCE_TAKEN"));
  expect(await unlucky.sponsor.send(chain, call)).toMatchObject({ code: "NONCE_TAKEN" });
  expect(unlucky.nonces).toHaveLength(3);
});

it("does not repeat what was refused for what it says", async () => {
  const { sponsor, nonces } = sponsorOf(["TX_SENDER_UNKNOWN"]);
  expect(await sponsor.send(chain, call)).toMatchObject({ code: "TX_SENDER_UNKNOWN" });
  expect(nonces).toHaveLength(1);
});
