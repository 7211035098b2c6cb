import { ByteWriter, CodedError, type Crypto, fromHex, toHex, utf8 } from "@voltfog/runtime";
import { getAddress, type Interface, type Result } from "ethers";
import { artefactOf } from "./artefacts.ts";
import type { EvmEndpoint, EvmLog } from "./evm-endpoint.ts";
import type { AnchoredResult } from "./verify-on-chain.ts";

/** Money that somebody paid into a vault for an account of the consortium's chain. */
export interface VaultDeposit {
  /** From 1, in the order of the vault's blocks. */
  readonly number: number;
  /** Ed25519 key, 32 bytes. */
  readonly account: Uint8Array;
  /** In the market's smallest unit. */
  readonly amount: number;
  /** What the chain credits it under, once. */
  readonly depositId: Uint8Array;
  readonly block: number;
}

const abi = (): Interface => artefactOf("SettlementVault").abi;
const vaultDomain = utf8("voltfog/vault/1\n");
const depositDomain = utf8("voltfog/vault-deposit/1\n");

/** How withdrawals name a vault: by its Ethereum chain and address. */
export function vaultIdOf(o: { evmChainId: bigint; contract: string; crypto: Crypto }): Uint8Array {
  const chain = fromHex(o.evmChainId.toString(16).padStart(64, "0")) ?? new Uint8Array(32);
  return o.crypto.sha256(vaultDomain, chain, addressBytes(o.contract));
}

/** The 20 bytes of an address, in hex with 0x. Throws what ethers says of one that is none. */
export function addressBytes(address: string): Uint8Array {
  return fromHex(getAddress(address).slice(2).toLowerCase()) ?? new Uint8Array(20);
}

/** One SettlementVault, read through an endpoint. Throws EVM_UNREACHABLE and EVM_ANSWER_INVALID; VAULT_UNKNOWN where none is there. */
export class SettlementVault {
  readonly address: string;
  readonly #endpoint: EvmEndpoint;
  readonly #crypto: Crypto;

  constructor(options: { endpoint: EvmEndpoint; address: string; crypto: Crypto }) {
    this.#endpoint = options.endpoint;
    this.#crypto = options.crypto;
    this.address = getAddress(options.address);
  }

  /** As the contract says it, which must be the id of its chain and address. */
  async id(): Promise<Uint8Array> {
    const evmChainId = await this.#endpoint.chainId();
    const own = vaultIdOf({ evmChainId, contract: this.address, crypto: this.#crypto });
    const [said] = await this.#view("vaultId", []);
    if (said !== `0x${toHex(own)}`) throw this.#unknown();
    return own;
  }

  async weiPerUnit(): Promise<bigint> {
    return BigInt(String((await this.#view("weiPerUnit", []))[0]));
  }

  async isPaid(number: number): Promise<boolean> {
    return (await this.#view("isPaid", [number]))[0] === true;
  }

  /** In a range of blocks, both ends included, in their order. The node's word: use one of your own. */
  async deposits(range: { from: number; to: number }): Promise<readonly VaultDeposit[]> {
    const topics = [abi().getEvent("Deposited")?.topicHash ?? ""];
    const logs = await this.#endpoint.logs({ address: this.address, topics, ...range });
    const vaultId = await this.id();
    return logs.map((log) => this.#deposit(log, vaultId)).sort((a, b) => a.number - b.number);
  }

  /** What pays for an account; the transaction carries amount × weiPerUnit. */
  static encodeDeposit(account: Uint8Array): string {
    return abi().encodeFunctionData("deposit", [`0x${toHex(account)}`]);
  }

  /** What pays a withdrawal out, sent by anybody. */
  static encodeWithdraw({ anchor, result, index, path }: AnchoredResult): string {
    return abi().encodeFunctionData("withdraw", [[anchor, result, index, path]]);
  }

  #deposit(log: EvmLog, vaultId: Uint8Array): VaultDeposit {
    const args = abi().parseLog({ topics: [...log.topics], data: log.data })?.args;
    const hex = (name: string): Uint8Array | undefined =>
      fromHex(String(args?.[name] ?? "").slice(2));
    const [account, depositId] = [hex("account"), hex("id")];
    const [number, amount] = [Number(args?.["number"]), Number(args?.["amount"])];
    if (account === undefined || depositId === undefined) throw this.#invalid();
    // An event whose id is not that of its content is of no vault like this one.
    const content = new ByteWriter().raw(vaultId).u64(number).raw(account).u64(amount).finish();
    if (toHex(this.#crypto.sha256(depositDomain, content)) !== toHex(depositId)) {
      throw this.#invalid();
    }
    return { number, account, amount, depositId, block: log.blockNumber };
  }

  async #view(method: string, args: readonly unknown[]): Promise<Result> {
    const data = abi().encodeFunctionData(method, args);
    const answer = await this.#endpoint.call({ to: this.address, data });
    if (answer.ok && answer.value !== "0x") return abi().decodeFunctionResult(method, answer.value);
    throw this.#unknown();
  }

  #unknown(): CodedError {
    return new CodedError({
      code: "VAULT_UNKNOWN",
      message: `${this.address} at ${this.#endpoint.url} is no SettlementVault`,
      remedy: "check address and endpoint, or deploy one with voltfog anchor deploy",
    });
  }

  #invalid(): CodedError {
    return new CodedError({
      code: "EVM_ANSWER_INVALID",
      message: `${this.#endpoint.url} gives an event that ${this.address} does not make`,
    });
  }
}
