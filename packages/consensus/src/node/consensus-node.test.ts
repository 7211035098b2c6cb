import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  defaultEngine,
  type EngineChoice,
  encodeGenesis,
  type Genesis,
  parseGenesis,
} from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { silentLogger } from "@voltfog/runtime";
import { type OpenDiskFile, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { simulatedCrypto as crypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { transportHub } from "../testing/transport-hub.ts";
import type { Transport } from "../transport.ts";
import { decodePeerMessage } from "../wire/peer-message.ts";
import { AdmissionDesk } from "./admission-desk.ts";
import { ConsensusNode } from "./consensus-node.ts";
import { VoteStore } from "./vote-store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-node-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const alone: Transport = {
  start: async () => 0,
  send: () => false,
  isConnected: () => false,
  peers: [],
  numberOf: () => undefined,
  idOf: () => undefined,
  review: () => {},
  cutOff: () => {},
  stop: async () => {},
};

const idsOf = (voters: number): string[] =>
  Array.from({ length: voters }, (_, voter) => `validator-${voter + 1}`);

function genesisOf(voters = 1, engine: EngineChoice = defaultEngine): Genesis {
  const bytes = encodeGenesis({
    chain: "test",
    created_ms: 1_760_000_000_000,
    blockInterval_ms: 10,
    emptyBlockInterval_ms: 10,
    organisations: [{ id: "north", name: "North" }],
    validators: idsOf(voters).map((id, voter) => ({
      id,
      organisation: "north",
      voteKey: simulatedSigner(voter).publicKey,
    })),
    units: [],
    vehicles: [],
    ...(engine.name === "poa" ? {} : { engine }),
  });
  const parsed = parseGenesis(bytes, crypto);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

test("the votes of one turn of the loop are one write and one sync", async () => {
  let syncs = 0;
  const openFile: OpenDiskFile = async (path) => {
    const file = await open(path, "a+");
    const datasync = file.datasync.bind(file);
    file.datasync = async (): Promise<void> => {
      syncs++;
      await datasync();
    };
    return file;
  };
  const store = await ChainStore.open({
    folder: join(folder, "blocks"),
    genesis: genesisOf(),
    crypto,
    logger: silentLogger,
  });
  const path = join(folder, "votes");
  const votes = await VoteStore.open({ path, crypto, logger: silentLogger, openFile });
  const node = new ConsensusNode({
    store,
    votes,
    transport: alone,
    signer: simulatedSigner(0),
    crypto,
    clock: systemClock,
    logger: silentLogger,
    timing: { roundTimeout_ms: 60_000, roundTimeoutMax_ms: 60_000, resend_ms: 60_000 },
    mempool: { transactions: 10, transactionsPerSender: 10, size_bytes: 100_000 },
    snapshotBehind: 1000,
    admissions: new AdmissionDesk({ chain: store.chain, own: undefined }),
  });
  let written = 0;
  const append = votes.append.bind(votes);
  votes.append = (some): Promise<void> => {
    written += some.length;
    return append(some);
  };
  const fifth = new Promise<void>((resolve) => {
    node.onFinal(({ height }) => height === 5 && resolve());
  });
  await node.start();
  await fifth;
  await node.stop();
  await votes.close();
  await store.close();
  // The only voter says PROPOSAL, checks its block, and says PREPARE and COMMIT, all in one turn.
  expect(node.height).toBeGreaterThanOrEqual(5);
  expect(written / syncs).toBeCloseTo(3, 1);
});

test("a collector's certificate leaves before its own vote is on the disk, and no vote does", async () => {
  const ids = idsOf(4);
  const genesis = genesisOf(4, { name: "linear", redundant: 0 });
  const log: string[] = [];
  const nodes = await Promise.all(
    transportHub(ids).map(async (hub, voter) => {
      const note = (what: string): void => {
        if (voter === 0) log.push(what);
      };
      const store = await ChainStore.open({
        folder: join(folder, `blocks-${voter}`),
        genesis,
        crypto,
        logger: silentLogger,
      });
      const path = join(folder, `votes-${voter}`);
      const votes = await VoteStore.open({ path, crypto, logger: silentLogger });
      const append = votes.append.bind(votes);
      votes.append = async (some): Promise<void> => {
        note("writing");
        await append(some);
        note("written");
      };
      const transport: Transport = {
        ...hub,
        get peers() {
          return hub.peers;
        },
        send: (to, bytes) => {
          const message = decodePeerMessage(bytes);
          if (message.ok && message.value.type === "vote") note(message.value.message.type);
          return hub.send(to, bytes);
        },
      };
      const node = new ConsensusNode({
        store,
        votes,
        transport,
        signer: simulatedSigner(voter),
        crypto,
        clock: systemClock,
        logger: silentLogger,
        timing: { roundTimeout_ms: 60_000, roundTimeoutMax_ms: 60_000, resend_ms: 60_000 },
        mempool: { transactions: 10, transactionsPerSender: 10, size_bytes: 100_000 },
        snapshotBehind: 1000,
        admissions: new AdmissionDesk({ chain: store.chain, own: undefined }),
      });
      return { node, votes, store };
    }),
  );
  const third = new Promise<void>((resolve) => {
    nodes[0]?.node.onFinal(({ height }) => height === 3 && resolve());
  });
  for (const { node } of nodes) await node.start();
  await third;
  for (const { node, votes, store } of nodes) {
    await node.stop();
    await votes.close();
    await store.close();
  }
  const kinds = log.join(" ");
  expect(kinds).toContain(
    "proposal prepare-certificate prepare-certificate prepare-certificate writing written",
  );
  expect(kinds).not.toMatch(/writing (proposal|prepare|commit)(?!-)/);
});
