import {
  blockMax_bytes,
  type ChainEvidence,
  certificateMax_bytes,
  decodeBlock,
  decodeCertificate,
  decodeChainEvidence,
  type EpochStep,
  EpochTrail,
  engineOf,
  type Genesis,
  headerHash,
  type Validator,
  verifyCertificate,
  verifyChainEvidence,
} from "@voltfog/ledger";
import {
  accepted,
  CodedError,
  type Crypto,
  decodeBytes,
  messageOf,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import type { ChainPort, SubmitProblem } from "./chain-port.ts";
import { linkSignals } from "./linked-signal.ts";

const timeout_ms = 5000;
const blocksAtOnce = 16;
const blockPageVersion = 1;
const pageMax_bytes: number = blocksAtOnce * (blockMax_bytes + certificateMax_bytes + 8) + 5;
const evidenceMax_bytes = 8 * 1024 * 1024;
const answerMax_bytes = 65_536;

/** The chain through one validator's HTTP API. Nothing that it says is believed without a certificate. */
export class ValidatorClient implements ChainPort {
  readonly #url: string;
  readonly #genesis: Genesis;
  readonly #crypto: Crypto;
  readonly #stopping: AbortSignal;
  /** How the vote keys changed, as the newest evidence had it. */
  #steps: readonly EpochStep[] = [];
  readonly #trail: EpochTrail;

  constructor(options: { url: string; genesis: Genesis; crypto: Crypto; stopping: AbortSignal }) {
    this.#url = options.url.replace(/\/$/, "");
    this.#genesis = options.genesis;
    this.#crypto = options.crypto;
    this.#stopping = options.stopping;
    this.#trail = new EpochTrail(options);
  }

  async waitForBlock(options: {
    above: number;
    wait_ms: number;
    signal: AbortSignal;
  }): Promise<number> {
    const { above, wait_ms, signal } = options;
    // Far behind, the blocks between need not be seen: evidence proves what they did.
    const ask = (from: number): Promise<{ status: number; bytes: Uint8Array }> =>
      this.#ask(`/v1/blocks?from=${from}&limit=1&wait_ms=${wait_ms}`, {
        timeout_ms: wait_ms + timeout_ms,
        signal,
        limit_bytes: pageMax_bytes,
      });
    const answer = await ask(above + 1);
    const body = answer.status === 410 ? await ask(firstHeld(answer.bytes)) : answer;
    if (body.status !== 200) throw this.#unreachable(`answers ${body.status} about blocks`);
    const page = decodeBytes(body.bytes, (reader) => {
      if (reader.u8() !== blockPageVersion) reader.fail("unknown version of a page of blocks");
      return reader.list({
        limit: blocksAtOnce,
        read: (inner) => ({
          block: inner.block(blockMax_bytes),
          certificate: inner.block(certificateMax_bytes),
        }),
      });
    });
    if (!page.ok) throw this.#invalid(page.problem.detail);
    let height = above;
    for (const final of page.value) height = Math.max(height, await this.#finalHeight(final));
    return height;
  }

  async submit(transaction: Uint8Array): Promise<Outcome<undefined, SubmitProblem>> {
    const answer = await this.#ask("/v1/transactions", {
      timeout_ms,
      limit_bytes: answerMax_bytes,
      body: transaction,
    });
    if (answer.status === 202) return accepted(undefined);
    if (answer.status >= 500 || answer.status < 400) {
      throw this.#unreachable(`answers ${answer.status} to a transaction`);
    }
    const { code, message } = problemOf(answer.bytes);
    return refused({ code, detail: message });
  }

  async evidence(wanted: {
    results: readonly number[];
    names: readonly string[];
  }): Promise<ChainEvidence | undefined> {
    const query = new URLSearchParams({
      results: wanted.results.join(","),
      names: wanted.names.join(","),
    });
    const answer = await this.#ask(`/v1/evidence?${query}`, {
      timeout_ms,
      limit_bytes: evidenceMax_bytes,
    });
    if (answer.status === 404) return undefined;
    if (answer.status === 410) throw new CodedError(problemOf(answer.bytes));
    if (answer.status !== 200) throw this.#unreachable(`answers ${answer.status} about evidence`);
    const evidence = decodeChainEvidence(answer.bytes);
    if (!evidence.ok) throw this.#invalid(evidence.problem.detail);
    const { genesis, crypto } = { genesis: this.#genesis, crypto: this.#crypto };
    const trail = this.#trail;
    const verdict = verifyChainEvidence({ evidence: evidence.value, genesis, crypto, trail });
    if (!verdict.ok) throw this.#invalid(verdict.problem.detail);
    if (!answers(evidence.value, wanted)) throw this.#invalid("it is about something else");
    this.#steps = evidence.value.steps;
    return evidence.value;
  }

  /** Who decides in an epoch. Evidence of the chain's head tells of steps that are new here. */
  async #validatorsOf(epoch: number): Promise<readonly Validator[]> {
    if (this.#steps.length < epoch) await this.evidence({ results: [], names: [] });
    const proven = this.#trail.prove({ epoch, steps: this.#steps.slice(0, epoch) });
    if (!proven.ok) throw this.#invalid(proven.problem.detail);
    return proven.value;
  }

  async #finalHeight(final: { block: Uint8Array; certificate: Uint8Array }): Promise<number> {
    const block = decodeBlock(final.block);
    const certificate = decodeCertificate(final.certificate);
    if (!block.ok || !certificate.ok)
      throw this.#invalid("a block or its certificate is malformed");
    const { header } = block.value;
    const verdict = verifyCertificate({
      certificate: certificate.value,
      engine: engineOf(this.#genesis),
      chainId: this.#genesis.chainId,
      epoch: header.epoch,
      height: header.height,
      blockHash: headerHash(header, this.#crypto),
      validators: await this.#validatorsOf(header.epoch),
      crypto: this.#crypto,
    });
    if (!verdict.ok) throw this.#invalid(verdict.problem.detail);
    return header.height;
  }

  async #ask(
    path: string,
    options: {
      timeout_ms: number;
      limit_bytes: number;
      body?: Uint8Array;
      signal?: AbortSignal;
    },
  ): Promise<{ status: number; bytes: Uint8Array }> {
    const { signal, release } = linkSignals([
      AbortSignal.timeout(options.timeout_ms),
      this.#stopping,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    try {
      const response = await fetch(this.#url + path, {
        signal,
        ...(options.body === undefined
          ? {}
          : {
              method: "POST",
              body: options.body as Uint8Array<ArrayBuffer>,
              headers: { "content-type": "application/octet-stream" },
            }),
      });
      return { status: response.status, bytes: await boundedBody(response, options.limit_bytes) };
    } catch (thrown) {
      throw this.#unreachable(messageOf(thrown));
    } finally {
      release();
    }
  }

  #unreachable(what: string): CodedError {
    return new CodedError({ code: "CHAIN_UNREACHABLE", message: `${this.#url}: ${what}` });
  }

  #invalid(what: string): CodedError {
    return new CodedError({ code: "EVIDENCE_INVALID", message: `${this.#url}: ${what}` });
  }
}

function answers(
  evidence: ChainEvidence,
  wanted: { results: readonly number[]; names: readonly string[] },
): boolean {
  const results = evidence.results.map(({ index }) => index);
  const names = evidence.names.map(({ name }) => name);
  return results.join() === wanted.results.join() && names.join() === wanted.names.join();
}

async function boundedBody(response: Response, limit_bytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length_bytes = 0;
  for await (const part of response.body ?? []) {
    length_bytes += part.length;
    if (length_bytes > limit_bytes) throw new Error(`answer over ${limit_bytes} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function problemOf(bytes: Uint8Array): { code: string; message: string } {
  try {
    const { code, message } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
      string,
      unknown
    >;
    if (typeof code === "string" && typeof message === "string") return { code, message };
  } catch {
    // Not JSON: some other server answers there.
  }
  return { code: "REFUSED", message: "without a reason" };
}

/** The first block that a validator still keeps, from its answer to who asked for an older one. */
function firstHeld(bytes: Uint8Array): number {
  try {
    const { first } = JSON.parse(new TextDecoder().decode(bytes)) as { first?: unknown };
    if (Number.isSafeInteger(first) && Number(first) > 0) return Number(first);
  } catch {
    // Not JSON: some other server answers there.
  }
  return 1;
}
