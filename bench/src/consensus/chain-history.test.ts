import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeGenesis, parseGenesis } from "@voltfog/ledger";
import { replayChain } from "@voltfog/ledger/node";
import { silentLogger } from "@voltfog/runtime";
import { nodeCrypto as crypto, signerOfSeed } from "@voltfog/runtime/node";
import { afterAll, expect, test } from "vitest";
import { writeHistory } from "./chain-history.ts";

const root = mkdtempSync(join(tmpdir(), "voltfog-history-"));
afterAll(() => rmSync(root, { recursive: true }));

test("a written history replays from its genesis file with every certificate verified", async () => {
  const signers = [1, 2, 3, 4].map((seed) => signerOfSeed(new Uint8Array(32).fill(seed)));
  const genesis = parseGenesis(
    encodeGenesis({
      chain: "history",
      created_ms: 1_760_000_000_000,
      blockInterval_ms: 1000,
      emptyBlockInterval_ms: 10_000,
      organisations: [{ id: "north", name: "North" }],
      validators: signers.map(({ publicKey }, at) => ({
        id: `validator-${at + 1}`,
        organisation: "north",
        voteKey: publicKey,
      })),
      units: [],
      vehicles: [],
    }),
    crypto,
  );
  if (!genesis.ok) throw new Error(genesis.problem.detail);
  const folder = join(root, "blocks");
  await writeHistory({ folder, genesis: genesis.value, signers, blocks: 150 });
  const chain = await replayChain({
    ...{ folder, crypto, genesis: genesis.value },
    logger: silentLogger,
  });
  expect(chain.height).toBe(150);
});
