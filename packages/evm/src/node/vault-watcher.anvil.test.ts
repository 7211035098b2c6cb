import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeChainEvidence } from "@voltfog/ledger";
import { silentLogger, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto, systemClock } from "@voltfog/runtime/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { balanceOf, supplyOf } from "../../../ledger/src/modules/account-money.ts";
import { finalise, type Member } from "../../../ledger/src/testing/consortium.ts";
import { MarketSite } from "../../../ledger/src/testing/market-site.ts";
import { AuthorityDeposits } from "./authority-deposits.ts";
import { EvmEndpoint } from "./evm-endpoint.ts";
import { ValidatorHeaders } from "./final-evidence.ts";
import { SettlementVault } from "./settlement-vault.ts";
import { AnchoredSite, payer } from "./testing/anchored-site.ts";
import { AnvilNode } from "./testing/anvil-node.ts";
import { type ServedChain, ServedMarket } from "./testing/served-market.ts";
import { TestContract } from "./testing/test-contract.ts";
import { type CreditedDeposits, VaultWatcher } from "./vault-watcher.ts";

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
let node: AnvilNode;
let market: MarketSite;
let people: readonly Member[];
let served: ServedMarket;
let contract: TestContract;
let positionPath: string;

beforeAll(async () => {
  node = await AnvilNode.start({ blockTime_s: 0 });
});
afterAll(async () => {
  await node.kill();
});
beforeEach(async () => {
  market = new MarketSite({ crypto });
  people = ["ada", "ben"].map((id) => market.person(id));
  served = await ServedMarket.start(servedChain(market));
  const chain = hex(market.consortium.genesis.chainId);
  const site = await AnchoredSite.deploy({ node, validators: 4, chain });
  const args = [site.verifier.address, 1];
  const name = "SettlementVault";
  ({ contract } = await TestContract.deploy({ node, name, args, key: payer }));
  positionPath = join(mkdtempSync(join(tmpdir(), "voltfog-vault-")), "position.json");
});
afterEach(async () => {
  await served.stop();
});

function servedChain({ chain, consortium }: MarketSite): ServedChain {
  return {
    evidence: (names) => {
      const evidence = chain.evidence({ results: [], names });
      return evidence && encodeChainEvidence(evidence);
    },
    take: (bytes, { isLost }) => {
      const isAdmitted = chain.admit(bytes).ok;
      if (isAdmitted && !isLost) finalise({ consortium, chain, transactions: [bytes] });
      return isAdmitted;
    },
  };
}

function authority(): AuthorityDeposits {
  const { genesis } = market.consortium;
  const { url: validatorUrl } = served;
  return new AuthorityDeposits({
    validatorUrl,
    headers: new ValidatorHeaders({ url: validatorUrl, genesis, crypto }),
    genesis,
    signer: market.authority.signer,
    clock: systemClock,
    logger: silentLogger,
  });
}

function open(chain: CreditedDeposits = authority(), confirmations = 1): Promise<VaultWatcher> {
  const endpoint = new EvmEndpoint({ url: node.url });
  return VaultWatcher.open({
    vault: new SettlementVault({ endpoint, address: contract.address, crypto }),
    endpoint,
    chain,
    positionPath,
    firstBlock: 0,
    confirmations,
    logger: silentLogger,
  });
}

const pay = (person: Member, amount: bigint): Promise<number | string> =>
  contract.send(payer, "deposit", [hex(person.signer.publicKey)], amount);
const held = (): number[] => people.map(({ signer }) => balanceOf(market.state, signer.publicKey));

describe("VaultWatcher", () => {
  it("credits each deposit once, however often it looks and begins again", async () => {
    const [ada, ben] = people;
    if (ada === undefined || ben === undefined) throw new Error("there are people");
    await pay(ada, 100n);
    await pay(ben, 30n);
    await pay(ada, 100n);
    const watcher = await open();
    expect((await watcher.step()).waiting).toBe(3);
    expect((await watcher.step()).waiting).toBe(0);
    expect(held()).toEqual([200, 30]);
    // Another machine, which has no position: it finds everything credited.
    writeFileSync(positionPath, "");
    await expect(open()).rejects.toMatchObject({ code: "POSITION_INVALID" });
    positionPath += ".2";
    expect((await (await open()).step()).waiting).toBe(0);
    await pay(ben, 1n);
    const again = await open();
    await again.step();
    await again.step();
    expect([...held(), supplyOf(market.state)]).toEqual([200, 31, 231]);
    expect(served.submitted).toBe(4);
  });

  it("misses and repeats nothing where it dies before or after any call", async () => {
    const [ada] = people;
    if (ada === undefined) throw new Error("there are people");
    for (const amount of [1n, 10n, 100n]) await pay(ada, amount);
    for (let dieAt = 1; dieAt <= 12; dieAt++) {
      const real = authority();
      let calls = 0;
      const died = new Error("died");
      const mortal = async <T>(run: () => Promise<T>): Promise<T> => {
        if (++calls === dieAt) throw died;
        const given = await run();
        if (++calls === dieAt) throw died;
        return given;
      };
      const watcher = await open({
        isCredited: (id) => mortal(() => real.isCredited(id)),
        credit: (deposit) => mortal(() => real.credit(deposit)),
      });
      await watcher.step().catch((thrown: unknown) => expect(thrown).toBe(died));
    }
    const last = await open();
    while ((await last.step()).waiting > 0);
    expect([...held(), supplyOf(market.state)]).toEqual([111, 0, 111]);
  });

  it("asks again for what a validator took and lost, and moves on only past what is credited", async () => {
    const [ada] = people;
    if (ada === undefined) throw new Error("there are people");
    await pay(ada, 7n);
    served.loses = true;
    const watcher = await open();
    const before = (await watcher.step()).through;
    expect(await watcher.step()).toEqual({ through: before, waiting: 1 });
    served.loses = false;
    await watcher.step();
    expect((await watcher.step()).through).toBeGreaterThan(before);
    expect(held()).toEqual([7, 0]);
  });

  it("waits until a deposit is as deep as asked", async () => {
    const [ada] = people;
    if (ada === undefined) throw new Error("there are people");
    await pay(ada, 7n);
    const watcher = await open(authority(), 3);
    expect((await watcher.step()).waiting).toBe(0);
    await node.mine();
    await node.mine();
    expect((await watcher.step()).waiting).toBe(1);
    expect(held()).toEqual([7, 0]);
  });
});
