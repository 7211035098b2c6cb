import { type Block, Chain, encodeBlock, encodeGenesis, parseGenesis } from "@voltfog/ledger";
import type { BlockSource } from "@voltfog/ledger/node";
import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { simulatedCrypto as crypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { ServiceWatch } from "./service-watch.ts";

const voters = [0, 1, 2, 3];
const ids = voters.map((voter) => `validator-${voter + 1}`);

function chainOf(): Chain {
  const bytes = encodeGenesis({
    chain: "test",
    created_ms: 1_760_000_000_000,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: 10_000,
    organisations: [{ id: "north", name: "North" }],
    validators: voters.map((voter) => ({
      id: ids[voter] ?? "",
      organisation: "north",
      voteKey: simulatedSigner(voter).publicKey,
    })),
    units: [],
    vehicles: [],
  });
  const parsed = parseGenesis(bytes, crypto);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return Chain.fromGenesis({ genesis: parsed.value, crypto });
}

/** A block of a height whose parent was sealed by all but the last, proposers in turn. */
function blockAt(height: number, chain: Chain): Block {
  const signatures = [0, 1, 2].map((validator) => ({
    validator,
    delay_ms: 40,
    signature: new Uint8Array(64),
  }));
  const certificate = {
    form: "commit",
    height: height - 1,
    round: 0,
    blockHash: new Uint8Array(32),
  } as const;
  return {
    header: {
      ...chain.head.header,
      height,
      proposer: simulatedSigner(height % 4).publicKey,
    },
    parentCertificate: height === 1 ? undefined : { ...certificate, validators: 4, signatures },
    transactions: [],
  };
}

function sourceOf(chain: Chain, options: { height: number; first: number }): BlockSource {
  const { height, first } = options;
  return {
    height,
    first,
    read: async (at) => {
      if (at < first || at > height) return undefined;
      const block = encodeBlock(blockAt(at, chain));
      return { height: at, block, certificate: new Uint8Array(), results: [] };
    },
  };
}

function watchOf(chain: Chain): ServiceWatch {
  const names = { numberOf: () => undefined, idOf: () => undefined };
  return new ServiceWatch({ clock: new ManualClock(), chain, names, send: () => {} });
}

test("after a restart the last hundred certificates on disk still say who sealed", async () => {
  const chain = chainOf();
  const watch = watchOf(chain);
  await watch.recall(sourceOf(chain, { height: 250, first: 1 }));
  const certified = watch.report(0).map((report) => report.certified);
  expect(certified.map(({ certificates }) => certificates)).toEqual([100, 100, 100, 100]);
  expect(certified.map(({ participation }) => participation)).toEqual([1, 1, 1, 0]);
  expect(certified[1]?.delay_ms).toBe(40);
});

test("blocks that were pruned are not missed", async () => {
  const chain = chainOf();
  const watch = watchOf(chain);
  await watch.recall(sourceOf(chain, { height: 250, first: 240 }));
  expect(watch.report(0)[0]?.certified.certificates).toBe(10);
});
