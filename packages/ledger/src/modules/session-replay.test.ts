import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { expect, it, vi } from "vitest";
import { Chain } from "../chain/chain.ts";
import { ChargingSite, plugType } from "../testing/charging-site.ts";
import { finalise } from "../testing/consortium.ts";
import { sessionLoad } from "../testing/session-load.ts";
import { encodeBeanEnvelope, encodeEnvelopeName } from "./bean-payloads.ts";
import { encodeDispute, encodeResolution } from "./session-payloads.ts";

// Hundreds of signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

it("sessions and beans are the same on a machine that replays the blocks, and from a snapshot on", () => {
  const site = new ChargingSite({ crypto });
  const [ada, ben] = ["ada", "ben"].map((name) => site.site.person(name, 20_000_000));
  if (ada === undefined || ben === undefined) throw new Error("there are drivers");
  const { genesis } = site.site.consortium;
  const bytes = site.site.chain.snapshot();
  const first = site.site.blocks.length;
  const id = site.id(ada);
  const hash = new Uint8Array(32);
  site.rebate(site.north, ada, 3_000);
  const envelope = { id: id.slice(), energy_Wh: 9_999, shares: 3, untilHeight: 500 };
  site.bean(site.north, "envelope", encodeBeanEnvelope(envelope));
  for (const one of [ada, ben]) site.bean(one, "claim", encodeEnvelopeName(id));
  site.authorise(ada);
  site.offline(ada, 18_000);
  site.offline(ben, 19_000);
  const dispute = { sessionId: id, vehicleEnergy_Wh: 10, evidenceHash: hash };
  expect(site.session(ada, "dispute", encodeDispute(dispute))).toBe("OK");
  const resolution = { sessionId: id, refund: 1_000_000, reasonHash: hash };
  expect(site.session(site.site.authority, "resolve", encodeResolution(resolution))).toBe("OK");

  const replayed = Chain.fromGenesis({ genesis, crypto });
  for (const block of site.site.blocks) expect(replayed.follow(block).ok).toBe(true);
  const later = Chain.fromSnapshot({ genesis, crypto, bytes });
  if (!later.ok) throw new Error(later.problem.detail);
  for (const block of site.site.blocks.slice(first))
    expect(later.value.follow(block).ok).toBe(true);
  const root = site.site.state.root();
  expect([replayed.state.root(), later.value.state.root()]).toEqual([root, root]);
});

it("a load of sessions is good in three blocks, and settles every one of them", () => {
  const site = new ChargingSite({ crypto });
  const { chain, consortium } = site.site;
  const drivers = ["ada", "ben", "cem"].map((name) => site.site.person(name, 20_000_000));
  const load = sessionLoad({
    chainId: consortium.genesis.chainId,
    crypto,
    drivers: drivers.map(({ signer }) => signer),
    chargePoints: [site.northPoint.signer, site.southPoint.signer],
    plugType,
    sessions: 24,
    limitAmount: 1_000_000,
    at_ms: site.now_ms + 30_000,
    nonceOf: (key) => chain.nonceOf(key),
  });
  for (const transactions of [load.authorise, load.start, load.settle]) {
    const { results } = finalise({ consortium, chain, transactions }).checked;
    expect(results.map(({ code }) => code)).toEqual(transactions.map(() => "OK"));
  }
  // 100 Wh and the fee, eight times each.
  expect(drivers.map((one) => site.held(one))).toEqual(drivers.map(() => 20_000_000 - 8 * 540_000));
});
