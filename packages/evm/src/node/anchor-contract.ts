import { CodedError } from "@voltfog/runtime";
import { type Interface, keccak256, type Result, solidityPacked } from "ethers";
import type { AnchorContent } from "./anchor-statement.ts";
import { artefactOf, type ContractName } from "./artefacts.ts";
import type { EvmEndpoint, RpcProblem } from "./evm-endpoint.ts";

/** How far a CheckpointAnchor is. */
export interface AnchorProgress {
  readonly height: number;
  readonly resultsSize: number;
  readonly setVersion: number;
  /** Anchors are above it. */
  readonly setHeight: number;
}

/** Signatures as both methods of the contract take them. */
export interface SignedBy {
  readonly validators: readonly string[];
  readonly signers: bigint;
  readonly signatures: string;
}

const abi = (): Interface => artefactOf("CheckpointAnchor").abi;

/** One CheckpointAnchor, read through an endpoint. Throws EVM_UNREACHABLE, and CONTRACT_UNKNOWN where none is there. */
export class AnchorContract {
  readonly address: string;
  readonly #endpoint: EvmEndpoint;

  constructor(options: { endpoint: EvmEndpoint; address: string }) {
    this.#endpoint = options.endpoint;
    this.address = options.address;
  }

  /** The consortium's chain id, hex with 0x. */
  async chain(): Promise<string> {
    return String((await this.#view("chain", []))[0]);
  }

  async progress(): Promise<AnchorProgress> {
    const [height, resultsSize, setVersion, setHeight] = await this.#view("progress", []);
    return {
      height: Number(height),
      resultsSize: Number(resultsSize),
      setVersion: Number(setVersion),
      setHeight: Number(setHeight),
    };
  }

  /** The present set's addresses, from the one event that holds them, checked against the contract's hash. */
  async validators(): Promise<readonly string[]> {
    const [hash] = await this.#view("setHash", []);
    const [block] = await this.#view("setBlock", []);
    const topics = [abi().getEvent("ValidatorsChanged")?.topicHash ?? ""];
    const at = Number(block);
    const logs = await this.#endpoint.logs({ address: this.address, topics, from: at, to: at });
    for (const log of logs) {
      const event = abi().parseLog({ topics: [...log.topics], data: log.data });
      const validators = (event?.args["validators"] as Result | undefined)?.toArray().map(String);
      if (validators !== undefined && setHash(validators) === hash) return validators;
    }
    throw new CodedError({
      code: "EVM_ANSWER_INVALID",
      message: `${this.#endpoint.url} has no event with the set of ${this.address}`,
    });
  }

  async isAnchored(content: AnchorContent): Promise<boolean> {
    return (await this.#view("isAnchored", [content]))[0] === true;
  }

  /** The anchor at a height; undefined where there is none. */
  async anchorAt(height: number): Promise<AnchorContent | undefined> {
    const event = abi().getEvent("Anchored")?.topicHash ?? "";
    const topics = [event, `0x${height.toString(16).padStart(64, "0")}`];
    const head = (await this.#endpoint.block("latest"))?.number ?? 0;
    const range = { from: 0, to: head };
    const logs = await this.#endpoint.logs({ address: this.address, topics, ...range });
    for (const log of logs) {
      const args = abi().parseLog({ topics: [...log.topics], data: log.data })?.args;
      if (args === undefined) continue;
      const content = {
        height,
        blockHash: String(args["blockHash"]),
        resultsSize: Number(args["resultsSize"]),
        resultsRoot: String(args["resultsRoot"]),
      };
      // An event alone is the node's word; the contract's digest is in the state.
      if (await this.isAnchored(content)) return content;
    }
    return undefined;
  }

  static encodeAnchor(content: AnchorContent, by: SignedBy): string {
    const args = [content, by.validators, by.signers, by.signatures];
    return abi().encodeFunctionData("anchor", args);
  }

  static encodeChange(o: { height: number; next: readonly string[] }, by: SignedBy): string {
    const args = [o.height, o.next, by.validators, by.signers, by.signatures];
    return abi().encodeFunctionData("changeValidators", args);
  }

  async #view(method: string, args: readonly unknown[]): Promise<Result> {
    const data = abi().encodeFunctionData(method, args);
    const answer = await this.#endpoint.call({ to: this.address, data });
    if (answer.ok && answer.value !== "0x") return abi().decodeFunctionResult(method, answer.value);
    throw new CodedError({
      code: "CONTRACT_UNKNOWN",
      message: `${this.address} at ${this.#endpoint.url} is no CheckpointAnchor`,
      remedy: "check address and endpoint, or deploy one with voltfog anchor deploy",
    });
  }
}

/** What the contract keeps of a set. */
export function setHash(validators: readonly string[]): string {
  return keccak256(solidityPacked(["address[]"], [validators]));
}

/** The name of a contract's error, or what the node said. */
export function refusalText(
  contract: ContractName,
  problem: Pick<RpcProblem, "detail" | "data">,
): string {
  const { data, detail } = problem;
  const known = data === undefined ? null : artefactOf(contract).abi.parseError(data);
  return known === null ? detail : `${known.name}(${known.args.join(", ")})`;
}
