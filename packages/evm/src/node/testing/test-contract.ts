import { computeAddress, getCreateAddress, type SigningKey, Transaction } from "ethers";
import { type Artefact, artefactOf, type ContractName } from "../artefacts.ts";
import type { AnvilNode } from "./anvil-node.ts";

interface Receipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: string | null;
}

/** One deployed contract on a node that makes blocks when asked. For tests. */
export class TestContract {
  readonly address: string;
  readonly #node: AnvilNode;
  readonly #artefact: Artefact;

  private constructor(options: { node: AnvilNode; address: string; artefact: Artefact }) {
    this.#node = options.node;
    this.address = options.address;
    this.#artefact = options.artefact;
  }

  static async deploy(options: {
    node: AnvilNode;
    name: ContractName;
    args?: readonly unknown[];
    key: SigningKey;
  }): Promise<{ contract: TestContract; gas: number }> {
    const { node, key, name } = options;
    const artefact = artefactOf(name);
    const data = artefact.bytecode + artefact.abi.encodeDeploy(options.args ?? []).slice(2);
    const from = computeAddress(key);
    const nonce = await nonceOf(node, from);
    const { gasUsed } = await execute({ node, key, data, to: null });
    const address = getCreateAddress({ from, nonce });
    const contract = new TestContract({ node, address, artefact });
    return { contract, gas: Number(gasUsed) };
  }

  /** Gas of the transaction once it is in a block, or the name of the error that refuses it. */
  async send(
    key: SigningKey,
    method: string,
    args: readonly unknown[],
    value: bigint = 0n,
  ): Promise<number | string> {
    const data = this.#artefact.abi.encodeFunctionData(method, args);
    const from = computeAddress(key);
    const refusal = await this.#refusal({ from, data, value: `0x${value.toString(16)}` });
    if (refusal !== undefined) return refusal;
    const { gasUsed } = await execute({ node: this.#node, key, data, to: this.address, value });
    return Number(gasUsed);
  }

  /** What a view gives, or the name of its error. */
  async view(method: string, args: readonly unknown[], from?: string): Promise<unknown> {
    const data = this.#artefact.abi.encodeFunctionData(method, args);
    const refusal = await this.#refusal({ data, from });
    if (refusal !== undefined) return refusal;
    const result = await this.#node.ask<string>("eth_call", [
      { to: this.address, data, from },
      "latest",
    ]);
    const decoded = this.#artefact.abi.decodeFunctionResult(method, result);
    return decoded.length === 1 ? decoded[0] : decoded;
  }

  /** Gas that a view takes as a transaction of its own. */
  async viewGas(method: string, args: readonly unknown[]): Promise<number> {
    const data = this.#artefact.abi.encodeFunctionData(method, args);
    return Number(await this.#node.ask<string>("eth_estimateGas", [{ to: this.address, data }]));
  }

  async #refusal(call: {
    from?: string | undefined;
    data: string;
    value?: string;
  }): Promise<string | undefined> {
    const answer = await fetch(this.#node.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "eth_call",
        params: [{ to: this.address, ...call }, "latest"],
      }),
    });
    const { error } = (await answer.json()) as { error?: { message: string; data?: string } };
    if (error === undefined) return undefined;
    const known = this.#artefact.abi.parseError(error.data ?? "0x");
    return known?.name ?? error.message;
  }
}

async function nonceOf(node: AnvilNode, address: string): Promise<number> {
  return Number(await node.ask<string>("eth_getTransactionCount", [address, "latest"]));
}

async function execute(o: {
  node: AnvilNode;
  key: SigningKey;
  data: string;
  to: string | null;
  value?: bigint;
}): Promise<Receipt> {
  const transaction = Transaction.from({
    type: 2,
    chainId: 31337,
    nonce: await nonceOf(o.node, computeAddress(o.key)),
    to: o.to,
    data: o.data,
    value: o.value ?? 0n,
    gasLimit: 10_000_000,
    maxFeePerGas: 10_000_000_000,
    maxPriorityFeePerGas: 1_000_000_000,
  });
  transaction.signature = o.key.sign(transaction.unsignedHash);
  const hash = await o.node.ask<string>("eth_sendRawTransaction", [transaction.serialized]);
  await o.node.mine();
  const receipt = await o.node.ask<Receipt | null>("eth_getTransactionReceipt", [hash]);
  if (receipt === null || receipt.status !== "0x1") throw new Error(`transaction ${hash} failed`);
  return receipt;
}
