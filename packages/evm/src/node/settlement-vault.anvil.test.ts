import { encodeResult } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  accountAction,
  encodeWithdrawalOrder,
  type WithdrawalGoal,
} from "../../../ledger/src/modules/account-orders.ts";
import type { Member } from "../../../ledger/src/testing/consortium.ts";
import { MarketSite } from "../../../ledger/src/testing/market-site.ts";
import { anchorOf } from "./anchor-statement.ts";
import { EvmEndpoint } from "./evm-endpoint.ts";
import { addressBytes, SettlementVault, vaultIdOf } from "./settlement-vault.ts";
import { AnchoredSite, payer } from "./testing/anchored-site.ts";
import { AnvilNode, fundedKey } from "./testing/anvil-node.ts";
import { TestContract } from "./testing/test-contract.ts";

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
const weiPerUnit = 1_000_000_000_000n;
/** Nobody's, so that only the vault pays it. */
const payee = "0x00000000000000000000000000000000000a11ce";

let node: AnvilNode;
let market: MarketSite;
let ada: Member;
let site: AnchoredSite;
let vault: TestContract;
let client: SettlementVault;

beforeAll(async () => {
  node = await AnvilNode.start({ blockTime_s: 0 });
});
afterAll(async () => {
  await node.kill();
});
beforeEach(async () => {
  market = new MarketSite({ crypto });
  ada = market.person("ada", 1000);
  ({ site, vault, client } = await vaultFor(market));
});

/** Contracts of a consortium, with a vault. */
async function vaultFor(of: MarketSite): Promise<{
  site: AnchoredSite;
  vault: TestContract;
  client: SettlementVault;
}> {
  const chain = hex(of.consortium.genesis.chainId);
  const anchored = await AnchoredSite.deploy({ node, validators: 4, chain });
  const args = [anchored.verifier.address, weiPerUnit];
  const name = "SettlementVault";
  const { contract } = await TestContract.deploy({ node, name, args, key: payer });
  const endpoint = new EvmEndpoint({ url: node.url });
  const { address } = contract;
  return {
    site: anchored,
    vault: contract,
    client: new SettlementVault({ endpoint, address, crypto }),
  };
}

const balance = async (address: string): Promise<bigint> =>
  BigInt(await node.ask<string>("eth_getBalance", [address, "latest"]));

const deposit = (units: bigint): Promise<number | string> =>
  vault.send(payer, "deposit", [hex(ada.signer.publicKey)], units * weiPerUnit);

async function toVault(): Promise<WithdrawalGoal> {
  return { kind: "vault", vault: await client.id(), address: addressBytes(payee) };
}

/** A withdrawal on the chain, with its way to a header that is anchored now. */
async function withdrawn(
  goal: WithdrawalGoal,
  amount = 300,
  from: { market: MarketSite; sender: Member; site: AnchoredSite } = { market, sender: ada, site },
): Promise<readonly [object, string, number, readonly string[]]> {
  const payload = encodeWithdrawalOrder({ amount, goal });
  const action = accountAction.withdraw;
  const sent = from.market.send({ sender: from.sender, module: "accounts", action, payload });
  expect(sent.code).toBe("OK");
  return proven(from, from.market.chain.resultsSize - 1);
}

async function proven(
  from: { market: MarketSite; site: AnchoredSite },
  index: number,
): Promise<readonly [object, string, number, readonly string[]]> {
  const { chain } = from.market;
  const anchor = anchorOf(chain.head.header, crypto);
  await from.site.anchor(anchor, from.site.keys);
  const proof = chain.evidence({ results: [index], names: [] })?.results[0];
  if (proof === undefined) throw new Error("there is a result");
  return [anchor, hex(encodeResult(proof.result)), index, proof.path.map(hex)];
}

describe("SettlementVault", () => {
  it("takes whole units for an account and gives each payment an id of its own", async () => {
    expect(await deposit(0n)).toBe("AmountInvalid");
    expect(await vault.send(payer, "deposit", [hex(ada.signer.publicKey)], weiPerUnit + 1n)).toBe(
      "AmountInvalid",
    );
    await deposit(500n);
    await deposit(500n);
    const [first, second] = await client.deposits({ from: 0, to: 1_000_000 });
    expect(first).toMatchObject({ number: 1, amount: 500, account: ada.signer.publicKey });
    expect(second).toMatchObject({ number: 2, amount: 500 });
    expect(first?.depositId).not.toEqual(second?.depositId);
    expect(await balance(vault.address)).toBe(1000n * weiPerUnit);
    const { address: contract } = vault;
    expect(await client.id()).toEqual(vaultIdOf({ evmChainId: 31337n, contract, crypto }));
  });

  it("pays a withdrawal to its payee once, whoever brings the proof", async () => {
    await deposit(500n);
    const before = await balance(payee);
    const proof = await withdrawn(await toVault());
    expect(await client.isPaid(1)).toBe(false);
    expect(await vault.send(fundedKey(3), "withdraw", [proof])).toBeTypeOf("number");
    expect((await balance(payee)) - before).toBe(300n * weiPerUnit);
    expect(await client.isPaid(1)).toBe(true);
    expect(await vault.send(fundedKey(3), "withdraw", [proof])).toBe("AlreadyPaid");
    // The same withdrawal under a later anchor is the same withdrawal.
    market.pass(1);
    const later = await proven({ market, site }, proof[2]);
    expect(await vault.send(payer, "withdraw", [later])).toBe("AlreadyPaid");
    expect(await balance(vault.address)).toBe(200n * weiPerUnit);
  });

  it("pays nothing for what is forged, not anchored or corrupted", async () => {
    await deposit(900n);
    const [anchor, result, index, path] = await withdrawn(await toVault());
    const withdraw = (...p: readonly unknown[]): Promise<number | string> =>
      vault.send(payer, "withdraw", [p]);
    // Eight bytes of amount stand before the eight of the height, at the end.
    const richer = `${result.slice(0, -20)}0384${result.slice(-16)}`;
    expect(richer).not.toBe(result);
    expect(await withdraw(anchor, richer, index, path)).toBe("NotIncluded");
    expect(await withdraw(anchor, result, index + 1, path)).toBe("NotIncluded");
    expect(await withdraw(anchor, result, index, path.slice(1))).toBe("NotIncluded");
    expect(await withdraw({ ...anchor, resultsSize: index + 2 }, result, index, path)).toBe(
      "NotAnchored",
    );
    for (const at of path.keys()) {
      const corrupted = path.map((hash, i) => (i === at ? hex(crypto.sha256()) : hash));
      expect(await withdraw(anchor, result, index, corrupted)).toBe("NotIncluded");
    }
    expect(await withdraw(anchor, result, index, path)).toBeTypeOf("number");
  });

  it("pays nothing that another chain holds, or that another vault or the desk pays", async () => {
    await deposit(900n);
    const elsewhere = new MarketSite({ crypto, chain: "elsewhere" });
    const sender = elsewhere.person("ada", 1000);
    const foreign = await vaultFor(elsewhere);
    const goal = await toVault();
    const other = await withdrawn(goal, 300, { market: elsewhere, sender, site: foreign.site });
    expect(await vault.send(payer, "withdraw", [other])).toBe("NotAnchored");
    // The vault that it was not meant for, on the chain that it is of.
    expect(await foreign.vault.send(payer, "withdraw", [other])).toBe("OtherVault");
    const byDesk = await withdrawn({ kind: "desk" });
    expect(await vault.send(payer, "withdraw", [byDesk])).toBe("OtherVault");
    const byHand = await withdrawn({ kind: "ethereum", address: addressBytes(payee) });
    expect(await vault.send(payer, "withdraw", [byHand])).toBe("OtherVault");
    const notOne = await proven({ market, site }, 5);
    expect(await vault.send(payer, "withdraw", [notOne])).toBe("OtherResult");
  });

  it("leaves a withdrawal to be paid later where it holds too little or its payee takes nothing", async () => {
    const proof = await withdrawn(await toVault());
    expect(await vault.send(payer, "withdraw", [proof])).toBe("VaultTooLow");
    await deposit(300n);
    expect(await vault.send(payer, "withdraw", [proof])).toBeTypeOf("number");
    await deposit(300n);
    // A contract without a function that takes ether.
    const closed = addressBytes(site.anchors.address);
    const refused = await withdrawn({ kind: "vault", vault: await client.id(), address: closed });
    expect(await vault.send(payer, "withdraw", [refused])).toBe("PayeeRefuses");
    expect(await client.isPaid(2)).toBe(false);
  });
});
