import type { ConsensusNode, SubmitProblem, SubmittedTx } from "@voltfog/consensus/node";
import { encodeResult, type Result, transactionMax_bytes } from "@voltfog/ledger";
import { fromHex, toHex } from "@voltfog/runtime";
import type { ChangeSignal } from "../http/change-signal.ts";
import { type App, exactly, waitMax_ms, whole } from "../http/parameters.ts";
import type { Outcomes } from "./outcomes.ts";

const statusOf: Readonly<Partial<Record<SubmitProblem["code"], number>>> = {
  MEMPOOL_FULL: 429,
  NONCE_TAKEN: 409,
  TX_NONCE_STALE: 409,
};

/** POST /v1/transactions: 202 with the hash, or why not. What is accepted here is told to every peer. */
export function addTransactionRoutes(
  app: App,
  parts: { node: ConsensusNode; submitted: (transaction: SubmittedTx) => void },
): void {
  const options = { parseAs: "buffer", bodyLimit: transactionMax_bytes } as const;
  app.addContentTypeParser("application/octet-stream", options, (_request, body, done) =>
    done(null, body),
  );
  app.post("/v1/transactions", (request, reply) => {
    if (parts.node.failure !== undefined) {
      const message = "this validator no longer votes";
      return reply.status(503).send({ code: "VOTING_STOPPED", message });
    }
    if (!(request.body instanceof Uint8Array)) {
      const message = "send the transaction's bytes as application/octet-stream";
      return reply.status(415).send({ code: "TX_MALFORMED", message });
    }
    const taken = parts.node.submit(new Uint8Array(request.body));
    if (!taken.ok) {
      const { code, detail } = taken.problem;
      // What waits may be final a block later; until then it is the client that waits.
      if (code === "MEMPOOL_FULL") reply.header("retry-after", "1");
      return reply.status(statusOf[code] ?? 422).send({ code, message: detail });
    }
    parts.submitted(taken.value);
    return reply.status(202).send({ hash: toHex(taken.value.hash) });
  });
}

/**
 * GET /v1/transactions/:hash: what became of a transaction, as this validator executed it, by long poll;
 * 409 where this validator took it and a later one of its sender overtook it.
 * One validator may lie: a client takes what f + 1 of them say alike.
 */
export function addOutcomeRoute(
  app: App,
  parts: { outcomes: Outcomes; grown: ChangeSignal },
): void {
  const { outcomes, grown } = parts;
  const schema = {
    params: exactly({ hash: { type: "string", pattern: "^[0-9a-f]{64}$" } }, ["hash"]),
    querystring: exactly({ wait_ms: whole({ max: waitMax_ms, default: 0 }) }),
  };
  app.get<{ Params: { hash: string }; Querystring: { wait_ms: number } }>(
    "/v1/transactions/:hash",
    { schema },
    async (request, reply) => {
      const hash = fromHex(request.params.hash) ?? new Uint8Array();
      const isDecided = (): boolean =>
        outcomes.of(hash) !== undefined || outcomes.overtakenBy(hash) !== undefined;
      await grown.until(isDecided, request.query.wait_ms);
      const result = outcomes.of(hash);
      if (result !== undefined) return outcomeView(result);
      const nonce = outcomes.overtakenBy(hash);
      if (nonce !== undefined) return reply.status(409).send(overtakenView(nonce));
      const message = "no final block at hand here has this transaction; the cloud has older ones";
      return reply.status(404).send({ code: "NOT_FINAL", message });
    },
  );
}

function overtakenView(nonce: number): object {
  const message = `a later transaction of its sender, with nonce ${nonce}, was final first: sign it again with a higher one`;
  return { code: "TX_NONCE_STALE", message };
}

/** `result` is the leaf of the log of results, byte for byte the same at every correct validator. */
function outcomeView(result: Result): object {
  const { height, txIndex, txHash, sender, module, action, code, data } = result;
  return {
    ...{ height, txIndex, module, action, code },
    txHash: toHex(txHash),
    sender: toHex(sender),
    data: toHex(data),
    result: toHex(encodeResult(result)),
  };
}
