import {
  accepted,
  CodedError,
  messageOf,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import { boundedFetch } from "./bounded-fetch.ts";

/** What the node says no to; its data where a contract said it. */
export interface RpcProblem extends Problem {
  readonly code: "RPC_REFUSED";
  readonly detail: string;
  /** ABI-encoded error of a contract, hex with 0x. */
  readonly data: string | undefined;
}

export interface EvmBlock {
  readonly number: number;
  readonly hash: string;
  /** undefined on a chain from before EIP-1559. */
  readonly baseFee: bigint | undefined;
}

export interface EvmReceipt {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly isOk: boolean;
  readonly gasUsed: bigint;
  readonly contractAddress: string | undefined;
}

export interface EvmLog {
  readonly blockNumber: number;
  readonly topics: readonly string[];
  readonly data: string;
}

const answerMax_bytes = 4 * 1024 * 1024;
const timeout_ms = 10_000;

/**
 * One JSON-RPC endpoint of an Ethereum chain. It keeps nothing between calls and repeats nothing: who
 * calls decides that. Throws EVM_UNREACHABLE where no answer came, EVM_ANSWER_INVALID where one makes
 * no sense.
 */
export class EvmEndpoint {
  readonly url: string;
  readonly #signal: AbortSignal | undefined;
  #calls = 0;

  constructor(options: { url: string; signal?: AbortSignal }) {
    this.url = options.url;
    this.#signal = options.signal;
  }

  async chainId(): Promise<bigint> {
    return BigInt(this.#number(await this.#mustAsk("eth_chainId", [])));
  }

  /** undefined where the chain has no such block. */
  async block(number: number | "latest"): Promise<EvmBlock | undefined> {
    const at = number === "latest" ? number : hexOf(number);
    const block = await this.#mustAsk("eth_getBlockByNumber", [at, false]);
    if (block === null) return undefined;
    const { number: height, hash, baseFeePerGas } = this.#fields(block);
    return {
      number: Number(this.#number(height)),
      hash: this.#text(hash),
      baseFee: baseFeePerGas === undefined ? undefined : BigInt(this.#number(baseFeePerGas)),
    };
  }

  /** Transactions of the address up to a block, or with those that wait. */
  async nonce(address: string, at: number | "latest" | "pending"): Promise<number> {
    const block = typeof at === "number" ? hexOf(at) : at;
    return Number(this.#number(await this.#mustAsk("eth_getTransactionCount", [address, block])));
  }

  async receipt(hash: string): Promise<EvmReceipt | undefined> {
    const receipt = await this.#mustAsk("eth_getTransactionReceipt", [hash]);
    if (receipt === null) return undefined;
    const { blockNumber, blockHash, status, gasUsed, contractAddress } = this.#fields(receipt);
    return {
      blockNumber: Number(this.#number(blockNumber)),
      blockHash: this.#text(blockHash),
      isOk: BigInt(this.#number(status)) === 1n,
      gasUsed: BigInt(this.#number(gasUsed)),
      contractAddress: typeof contractAddress === "string" ? contractAddress : undefined,
    };
  }

  async balance(address: string): Promise<bigint> {
    return BigInt(this.#number(await this.#mustAsk("eth_getBalance", [address, "latest"])));
  }

  /** What a contract gives at a block, or its refusal; hex "0x" where there is no contract. */
  async call(
    call: { from?: string; to: string; data: string },
    block?: number,
  ): Promise<Outcome<string, RpcProblem>> {
    const at = block === undefined ? "latest" : hexOf(block);
    const answer = await this.#ask("eth_call", [call, at]);
    return answer.ok ? accepted(this.#text(answer.value)) : answer;
  }

  async estimateGas(call: {
    from: string;
    to: string | null;
    data: string;
  }): Promise<Outcome<bigint, RpcProblem>> {
    const { to, ...rest } = call;
    const answer = await this.#ask("eth_estimateGas", [to === null ? rest : call, "latest"]);
    return answer.ok ? accepted(BigInt(this.#number(answer.value))) : answer;
  }

  /** What the node thinks a transaction should offer above the base fee, or as its whole price before EIP-1559. */
  async suggestedTip(baseFee: bigint | undefined): Promise<bigint> {
    const method = baseFee === undefined ? "eth_gasPrice" : "eth_maxPriorityFeePerGas";
    const answer = await this.#ask(method, []);
    return answer.ok ? BigInt(this.#number(answer.value)) : 1_000_000_000n;
  }

  /** Accepted says only that the node has it; refused may also mean that it has it already. */
  async sendRaw(raw: string): Promise<Outcome<undefined, RpcProblem>> {
    const answer = await this.#ask("eth_sendRawTransaction", [raw]);
    return answer.ok ? accepted(undefined) : answer;
  }

  async code(address: string): Promise<string> {
    return this.#text(await this.#mustAsk("eth_getCode", [address, "latest"]));
  }

  /** Events of one contract in a range of blocks, both ends included. */
  async logs(filter: {
    address: string;
    topics: readonly (string | null)[];
    from: number;
    to: number;
  }): Promise<readonly EvmLog[]> {
    const { address, topics } = filter;
    const range = { fromBlock: hexOf(filter.from), toBlock: hexOf(filter.to) };
    const logs = await this.#mustAsk("eth_getLogs", [{ address, topics, ...range }]);
    if (!Array.isArray(logs)) throw this.#invalid("gives no list of events");
    return logs.map((log: unknown) => {
      const fields = this.#fields(log);
      return {
        blockNumber: Number(this.#number(fields["blockNumber"])),
        topics: (fields["topics"] as unknown[]).map((topic) => this.#text(topic)),
        data: this.#text(fields["data"]),
      };
    });
  }

  async #mustAsk(method: string, params: readonly unknown[]): Promise<unknown> {
    const answer = await this.#ask(method, params);
    if (answer.ok) return answer.value;
    throw this.#invalid(`refuses ${method}: ${answer.problem.detail}`);
  }

  async #ask(method: string, params: readonly unknown[]): Promise<Outcome<unknown, RpcProblem>> {
    const id = ++this.#calls;
    const bytes = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const { answer, status } = await this.#fetch(bytes);
    if (typeof answer !== "object" || answer === null) {
      throw this.#unreachable(`answers ${status} without JSON-RPC`);
    }
    const { error, result } = answer as { error?: unknown; result?: unknown };
    if (error === undefined || error === null) {
      if (result === undefined) throw this.#unreachable(`answers ${status} without a result`);
      return accepted(result);
    }
    const { message, data } = error as { message?: unknown; data?: unknown };
    return refused({
      code: "RPC_REFUSED",
      detail: typeof message === "string" ? message.slice(0, 500) : "without a reason",
      data: typeof data === "string" ? data : undefined,
    });
  }

  async #fetch(bytes: string): Promise<{ answer: unknown; status: number }> {
    const body = { type: "application/json", bytes };
    try {
      const { status, bytes: answer } = await boundedFetch({
        url: this.url,
        body,
        timeout_ms,
        limit_bytes: answerMax_bytes,
        signal: this.#signal,
      });
      return { status, answer: JSON.parse(new TextDecoder().decode(answer)) };
    } catch (thrown) {
      throw this.#unreachable(messageOf(thrown));
    }
  }

  #fields(value: unknown): Readonly<Record<string, unknown>> {
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
    throw this.#invalid("gives no object where one belongs");
  }

  #number(value: unknown): string {
    if (typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value)) return value;
    throw this.#invalid("gives no number where one belongs");
  }

  #text(value: unknown): string {
    if (typeof value === "string" && /^0x[0-9a-f]*$/i.test(value)) return value;
    throw this.#invalid("gives no bytes where they belong");
  }

  #unreachable(what: string): CodedError {
    return new CodedError({
      code: "EVM_UNREACHABLE",
      message: what.includes(this.url) ? what : `${this.url} ${what}`,
      remedy: "check the address of the Ethereum endpoint and that it runs",
    });
  }

  #invalid(what: string): CodedError {
    return new CodedError({ code: "EVM_ANSWER_INVALID", message: `${this.url} ${what}` });
  }
}

function hexOf(number: number): string {
  return `0x${number.toString(16)}`;
}
