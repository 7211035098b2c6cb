import { type Certificate, commitMessage, type Genesis, headerHash, quorum } from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { assert, type Signer, silentLogger } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";

/** Blocks that one write makes durable. */
const batch = 128;

/**
 * Writes a folder of final blocks, each certified by a quorum of the validators, as if they had made it:
 * empty ones, a millisecond apart from the genesis file's time on. Some 2,000 a second.
 */
export async function writeHistory(options: {
  folder: string;
  genesis: Genesis;
  /** In the order of the genesis file. */
  signers: readonly Signer[];
  blocks: number;
}): Promise<void> {
  const { folder, genesis, signers, blocks } = options;
  const store = await ChainStore.open({ folder, genesis, crypto, logger: silentLogger });
  const { chain } = store;
  let writes: Promise<void>[] = [];
  while (chain.height < blocks) {
    const proposer = signers[chain.height % signers.length];
    assert(proposer !== undefined, "a chain has validators");
    const time_ms = chain.head.header.time_ms + 1;
    const block = chain.build({
      parentCertificate: chain.head.certificate,
      time_ms,
      proposer: proposer.publicKey,
      transactions: [],
    });
    const checked = chain.check(block, { now_ms: time_ms });
    assert(checked.ok, "a block that was built is good");
    const certificate = certify(genesis, { header: block.header, signers });
    chain.commit(checked.value, certificate);
    writes.push(store.record(checked.value, certificate));
    if (writes.length < batch) continue;
    await Promise.all(writes);
    writes = [];
  }
  await Promise.all(writes);
  await store.close();
}

function certify(
  { chainId }: Genesis,
  { header, signers }: { header: Parameters<typeof headerHash>[0]; signers: readonly Signer[] },
): Certificate {
  const { epoch, height } = header;
  const blockHash = headerHash(header, crypto);
  const signatures = signers.slice(0, quorum(signers.length)).map((signer, validator) => {
    const seal = { chainId, epoch, height, round: 0, blockHash, delay_ms: 0 };
    return { validator, delay_ms: 0, signature: signer.sign(commitMessage(seal)) };
  });
  return { form: "commit", height, round: 0, blockHash, validators: signers.length, signatures };
}
