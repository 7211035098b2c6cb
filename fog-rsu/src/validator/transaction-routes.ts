import type { ConsensusNode, SubmitProblem } from "@voltfog/consensus/node";
import { transactionMax_bytes } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type { App } from "../http/parameters.ts";

const statusOf: Readonly<Partial<Record<SubmitProblem["code"], number>>> = {
  MEMPOOL_FULL: 429,
  NONCE_TAKEN: 409,
  TX_NONCE_STALE: 409,
};

/** POST /v1/transactions: 202 with the hash, or why not. What is accepted here is told to every peer. */
export function addTransactionRoutes(
  app: App,
  parts: { node: ConsensusNode; submitted: (hash: Uint8Array) => void },
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
      return reply.status(statusOf[code] ?? 422).send({ code, message: detail });
    }
    parts.submitted(taken.value.hash);
    return reply.status(202).send({ hash: toHex(taken.value.hash) });
  });
}
