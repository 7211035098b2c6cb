import { accepted, fromHex, type Outcome, type Problem, refused, toHex } from "@voltfog/runtime";
import type { AnchorContract } from "./anchor-contract.ts";
import { refusalText } from "./anchor-contract.ts";
import type { AnchorContent } from "./anchor-statement.ts";
import { artefactOf } from "./artefacts.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import type { EvmEndpoint } from "./evm-endpoint.ts";

/** A result of the consortium's chain under an anchored header, as RecordVerifier takes it. Hex with 0x. */
export interface AnchoredResult {
  readonly anchor: AnchorContent;
  readonly result: string;
  readonly index: number;
  readonly path: readonly string[];
}

/** An entry of a log under a checkpoint of that log. Hex with 0x. */
export interface AnchoredEntry {
  readonly entry: string;
  readonly index: number;
  readonly path: readonly string[];
}

export interface OnChainProblem extends Problem {
  readonly code: "NOT_ANCHORED_YET" | "RESULT_UNKNOWN" | "CONTRACT_REFUSES";
  readonly detail: string;
}

const answerMax_bytes = 1024 * 1024;

/**
 * A result and its path to the newest anchor; the path comes from a validator and is believed by nobody
 * but the contract. NOT_ANCHORED_YET where the newest anchor is older than the result.
 */
export async function underNewestAnchor(o: {
  contract: AnchorContract;
  validatorUrl: string;
  index: number;
}): Promise<Outcome<AnchoredResult, OnChainProblem>> {
  const { contract, index } = o;
  const { height } = await contract.progress();
  const anchor = height === 0 ? undefined : await contract.anchorAt(height);
  if (anchor === undefined || anchor.resultsSize <= index) {
    const detail = `the newest anchor is of height ${height}, which does not hold result ${index}`;
    return refused({ code: "NOT_ANCHORED_YET", detail });
  }
  const { resultsSize } = anchor;
  const base = o.validatorUrl.replace(/\/+$/, "");
  const answer = await boundedFetch({
    url: `${base}/v1/results/${index}/path?size=${resultsSize}`,
    timeout_ms: 5000,
    limit_bytes: answerMax_bytes,
  });
  const read = answer.status === 200 ? readPath(answer.bytes) : undefined;
  if (read !== undefined) return accepted({ anchor, index, ...read });
  const detail = `${base} answers ${answer.status} about result ${index}`;
  return refused({ code: "RESULT_UNKNOWN", detail });
}

function readPath(bytes: Uint8Array): Pick<AnchoredResult, "result" | "path"> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const { result, path } = value as { result: unknown; path: unknown };
    if (typeof result !== "string" || fromHex(result) === undefined) return undefined;
    if (!Array.isArray(path) || path.length > 64) return undefined;
    const isHash = (one: unknown): boolean => typeof one === "string" && /^[0-9a-f]{64}$/.test(one);
    if (!path.every(isHash)) return undefined;
    return { result: `0x${result}`, path: path.map((hash) => `0x${hash}`) };
  } catch {
    return undefined;
  }
}

/** What RecordVerifier is asked, by the name of its function. */
export type OnChainQuestion =
  | { readonly method: "verifyResult" | "verifyEvent"; readonly result: AnchoredResult }
  | {
      readonly method: "verifyNotice";
      readonly result: AnchoredResult;
      readonly salt: Uint8Array;
      readonly detail: Uint8Array;
    }
  | {
      readonly method: "verifyEntry";
      readonly result: AnchoredResult;
      readonly entry: AnchoredEntry;
    }
  | {
      readonly method: "verifyFrame";
      readonly result: AnchoredResult;
      readonly entry: AnchoredEntry;
      readonly frame: Uint8Array;
    };

/** Asks the contract, which reverts on anything that does not hold; changes nothing and costs nothing. */
export async function askVerifier(o: {
  endpoint: EvmEndpoint;
  verifier: string;
  question: OnChainQuestion;
}): Promise<Outcome<undefined, OnChainProblem>> {
  const { abi } = artefactOf("RecordVerifier");
  const { method } = o.question;
  const data = abi.encodeFunctionData(method, argumentsOf(o.question));
  const answer = await o.endpoint.call({ to: o.verifier, data });
  if (answer.ok && answer.value !== "0x") return accepted(undefined);
  const detail = answer.ok
    ? `${o.verifier} is no RecordVerifier`
    : refusalText("RecordVerifier", answer.problem);
  return refused({ code: "CONTRACT_REFUSES", detail: `${method}: ${detail}` });
}

function argumentsOf(question: OnChainQuestion): readonly unknown[] {
  const { result } = question;
  const first = [result.anchor, result.result, result.index, result.path];
  if ("salt" in question) {
    return [first, `0x${toHex(question.salt)}`, `0x${toHex(question.detail)}`];
  }
  if (!("entry" in question)) return [first];
  const { entry, index, path } = question.entry;
  const second = [entry, index, path];
  return "frame" in question ? [first, second, `0x${toHex(question.frame)}`] : [first, second];
}
