import { cpSync } from "node:fs";
import { join } from "node:path";
import { VoteStore } from "@voltfog/consensus/node";
import { commitMessage, encodeBlock, encodeCertificate, headerHash } from "@voltfog/ledger";
import { type BlockRetention, ChainStore } from "@voltfog/ledger/node";
import { silentLogger } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import type { ValidatorSite } from "./validator-site.ts";

const crypto = nodeCrypto;
const logger = silentLogger;

/**
 * Gives the first three of four validators the blocks that they would have decided up to a height, the
 * first one proposing, and an empty file of votes. The fourth has nothing. For tests.
 */
export async function writeHistory(options: {
  site: ValidatorSite;
  height: number;
  snapshotEvery?: number;
  segmentMax_bytes?: number;
  retention?: BlockRetention;
}): Promise<void> {
  const { site, height, ...kept } = options;
  const [first, ...others] = site.validators.slice(0, 3).map(({ dataDir }) => dataDir);
  if (first === undefined) throw new Error("the site has validators");
  const folder = join(first, "blocks");
  const store = await ChainStore.open({ folder, genesis: site.genesis, crypto, logger, ...kept });
  await grow(store, site, height);
  await store.close();
  const votes = await VoteStore.open({ path: join(first, "votes", "votes"), crypto, logger });
  await votes.close();
  for (const dataDir of others) cpSync(first, dataDir, { recursive: true });
}

async function grow(store: ChainStore, site: ValidatorSite, height: number): Promise<void> {
  const { chain } = store;
  const { chainId } = site.genesis;
  const signers = site.validators.slice(0, 3).map(({ key }) => loadSigningKey(key));
  for (let at = 1; at <= height; at++) {
    const block = chain.build({
      parentCertificate: chain.head.certificate,
      time_ms: chain.head.header.time_ms + 1,
      proposer: signers[0]?.publicKey ?? new Uint8Array(),
      transactions: at === 1 ? [site.nextTransaction()] : [],
    });
    const blockHash = headerHash(block.header, crypto);
    const content = { chainId, epoch: 0, height: at, round: 0, blockHash, delay_ms: 1 };
    const signatures = signers.map((signer, validator) => ({
      validator,
      delay_ms: 1,
      signature: signer.sign(commitMessage(content)),
    }));
    const seals = { validators: 4, signatures };
    const certificate = { form: "commit", height: at, round: 0, blockHash, ...seals } as const;
    const final = { block: encodeBlock(block), certificate: encodeCertificate(certificate) };
    const followed = chain.follow(final);
    if (!followed.ok) throw new Error(followed.problem.detail);
    const written = store.record(followed.value, certificate);
    if (at % 100 === 0) await written;
  }
}
