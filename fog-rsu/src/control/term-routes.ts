import type { TLSSocket } from "node:tls";
import { identifierPattern } from "@voltfog/runtime";
import { peerOf } from "@voltfog/runtime/node";
import { type App, exactly, identifier, whole } from "../http/parameters.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { TermGate, TermProblem } from "./terms.ts";

interface Reply {
  status(code: number): { send(body: object): unknown };
}

type Fence = (request: { body: unknown }, reply: Reply) => Promise<unknown>;

/**
 * Before anything that a controller changes: a body whose term is over is refused with 409 TERM_STALE and
 * the term that holds. One without a term has term 0, which holds until the first controller is heard.
 */
export function fence(terms: TermGate): Fence {
  return async ({ body }, reply) => {
    const problem = problemOf(body, terms);
    return problem === undefined ? undefined : refuse(reply, problem);
  };
}

function problemOf(body: unknown, terms: TermGate): TermProblem | undefined {
  if (typeof body !== "object" || body === null) return undefined; // What it is instead the route says.
  const { term = 0, controllerId = "none" } = body as { term?: unknown; controllerId?: unknown };
  const isTerm = Number.isSafeInteger(term) && Number(term) >= 0;
  if (!isTerm || typeof controllerId !== "string" || !identifierPattern.test(controllerId)) {
    return { code: "TERM_INVALID", detail: "send term and controllerId", term: 0 };
  }
  const admitted = terms.admit({ term: Number(term), controllerId });
  return admitted.ok ? undefined : admitted.problem;
}

const statusOf = { TERM_STALE: 409, TERM_INVALID: 400, TERM_NOT_KEPT: 503 } as const;

function refuse(reply: Reply, { code, detail, term }: TermProblem): unknown {
  return reply.status(statusOf[code]).send({ code, message: detail, term });
}

/**
 * GET /v1/heartbeat: cheap, asked four times a second. With `term` and `controller` it is the leader's own
 * word that it is there; a controller whose term is over learns of it by the term in the answer.
 */
export function addHeartbeatRoute(
  app: App,
  parts: { terms: TermGate; heartbeat: Heartbeat },
): void {
  const querystring = exactly({ term: whole(), controller: identifier });
  app.get<{ Querystring: { term?: number; controller?: string } }>(
    "/v1/heartbeat",
    { schema: { querystring } },
    (request) => {
      const { term = 0, controller } = request.query;
      const peer = peerOf(request.raw.socket as TLSSocket);
      if (term > 0 && controller !== undefined && peer?.role === "controller") {
        parts.terms.admit({ term, controllerId: controller });
      }
      return parts.heartbeat.view;
    },
  );
}
