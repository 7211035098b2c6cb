import { type EngineChoice, moduleNumber, signTransaction } from "@voltfog/ledger";
import { fromHex, type Signer, toHex } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { pause } from "../up/pause.ts";

/** What a node's validator says of itself, as far as the commands read it. */
export interface NodeStatus {
  readonly id: string;
  readonly height: number;
  readonly chainId: string;
  readonly engine: EngineChoice;
  /** Block that voted this node's validator out; null while none has. */
  readonly removedHeight: number | null;
  readonly validators: readonly {
    readonly id: string;
    readonly organisation: string;
    readonly quarantined: boolean;
  }[];
  readonly peers: readonly {
    readonly id: string;
    readonly connected: boolean;
    readonly height: number;
  }[];
}

export interface NodeChanges {
  readonly changes: readonly {
    readonly id: string;
    readonly kind: string;
    readonly subject: string;
    readonly proposedHeight: number;
    readonly approvals: readonly string[];
    readonly needed: number;
  }[];
  readonly requests: readonly {
    readonly id: string;
    readonly organisation: string;
    readonly endpoint: string;
    readonly voteKey: string;
    /** Hex of the encoded change. */
    readonly change: string;
  }[];
}

const answerLimit_ms = 5000;
const finalLimit_ms = 60_000;
const look_ms = 200;

/** The HTTP side of a node that runs on this machine. */
export class RunningNode {
  readonly #url: string;

  constructor(httpPort: number) {
    this.#url = `http://127.0.0.1:${httpPort}`;
  }

  /** NODE_SILENT where it does not answer. */
  async status(): Promise<NodeStatus> {
    return (await this.#get("/v1/status")) as NodeStatus;
  }

  async changes(): Promise<NodeChanges> {
    return (await this.#get("/v1/changes")) as NodeChanges;
  }

  /** Sends a transaction of the consortium module; see `send`. */
  vote(options: { signer: Signer; action: number; payload: Uint8Array }): Promise<string> {
    return this.send({ ...options, module: moduleNumber.consortium });
  }

  /**
   * Signs and sends a transaction and waits until it is final. Gives its result's code. What the validator
   * refuses at once is thrown with its code; NOT_FINAL where no block comes for a minute.
   */
  async send(options: {
    signer: Signer;
    module: number;
    action: number;
    payload: Uint8Array;
  }): Promise<string> {
    const { signer, module, action, payload } = options;
    const { chainId, height } = await this.status();
    const key = toHex(signer.publicKey);
    const { nonce } = (await this.#get(`/v1/nonces/${key}`)) as { nonce: number };
    const transaction = signTransaction({
      chainId: fromHex(chainId) ?? new Uint8Array(),
      module,
      action,
      nonce: nonce + 1,
      payload,
      signer,
    });
    const answer = await this.#fetch("/v1/transactions", {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: transaction as Uint8Array<ArrayBuffer>,
    });
    const said = (await answer.json()) as { hash?: string; code?: string; message?: string };
    if (said.hash === undefined) {
      throw complaint({
        code: said.code ?? "REFUSED",
        what: `the node refuses it: ${said.code ?? answer.status} ${said.message ?? ""}`,
        remedy: "see docs/operations/consortium.md for what each code means",
      });
    }
    return this.#resultOf(said.hash, height + 1);
  }

  async #resultOf(hash: string, from: number): Promise<string> {
    let height = from;
    for (let waited_ms = 0; waited_ms < finalLimit_ms; waited_ms += look_ms) {
      const answer = await this.#fetch(`/v1/blocks/${height}`);
      if (answer.ok) {
        const block = (await answer.json()) as {
          results: readonly { txHash: string; code: string }[];
        };
        const result = block.results.find(({ txHash }) => txHash === hash);
        if (result !== undefined) return result.code;
        height++;
        continue;
      }
      await pause(look_ms);
    }
    throw complaint({
      code: "NOT_FINAL",
      what: "no block has the transaction after a minute",
      remedy: "see voltfog validator list: fewer than a quorum may be running; then repeat this",
    });
  }

  async #get(path: string): Promise<unknown> {
    const answer = await this.#fetch(path);
    return answer.json();
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      const signal = AbortSignal.timeout(answerLimit_ms);
      return await fetch(`${this.#url}${path}`, { ...init, signal });
    } catch {
      throw complaint({
        code: "NODE_SILENT",
        what: `nothing answers at ${this.#url}`,
        remedy: "start the node with voltfog validator run",
      });
    }
  }
}
