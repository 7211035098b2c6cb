import { createServer, type Server } from "node:http";
import { type FastifyInstance, type FastifyServerFactory, fastify } from "fastify";
import { collectDefaultMetrics, Registry } from "prom-client";
import { CodedError, messageOf } from "../coded-error.ts";
import type { Logger } from "../logger.ts";

/** The HTTP side that every process has: its routes, its metrics, and whether it is ready. */
export interface HttpService {
  readonly app: FastifyInstance;
  readonly metrics: Registry;
  /** Resolves with the port once the service listens; PORT_IN_USE when another process has it. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

export interface HttpServiceOptions {
  readonly process: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly bodyMax_bytes?: number;
  readonly logger: Logger;
  /** What is still missing before the process can do its work; empty when ready. */
  readonly missing?: () => readonly string[];
}

/**
 * GET /health (alive), GET /ready (200 or 503 with what is missing), GET /metrics (Prometheus text).
 * Every refusal is JSON: {code, message}. An unexpected error is logged and answered with 500 INTERNAL.
 */
export function createHttpService(options: HttpServiceOptions): HttpService {
  const metrics = new Registry();
  metrics.setDefaultLabels({ process: options.process });
  collectDefaultMetrics({ register: metrics });
  const app = createApp({
    ...options,
    serverFactory: (handler) => createServer({ noDelay: true }, handler),
  });
  app.get("/health", () => ({ status: "alive" }));
  app.get("/ready", (_request, reply) => {
    const missing = options.missing?.() ?? [];
    return reply
      .status(missing.length === 0 ? 200 : 503)
      .send({ ready: missing.length === 0, missing });
  });
  app.get("/metrics", async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  return {
    app,
    metrics,
    listen: () => listenOn(app, options),
    close: () => app.close(),
  };
}

/** An application whose every refusal is JSON {code, message}, on any kind of server. */
export function createApp(options: {
  serverFactory: FastifyServerFactory<Server>;
  logger: Logger;
  bodyMax_bytes?: number;
}): FastifyInstance {
  const app = fastify({
    bodyLimit: options.bodyMax_bytes ?? 1_048_576,
    // With strict numbers ajv turns the text "Infinity" into a number, then checks no limit of it.
    // Our schemas need no check against the schema of schemas, which costs more than they do.
    ajv: { customOptions: { strictNumbers: false, validateSchema: false } },
    forceCloseConnections: true,
    serverFactory: options.serverFactory,
  });
  app.setErrorHandler((thrown, _request, reply) => {
    const status = statusOf(thrown);
    if (status >= 500) options.logger.error("request failed", { reason: messageOf(thrown) });
    const code = status >= 500 ? "INTERNAL" : codeOf(thrown);
    return reply
      .status(status)
      .send({ code, message: status >= 500 ? "internal error" : messageOf(thrown) });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({ code: "NOT_FOUND", message: `no ${request.method} ${request.url}` }),
  );
  return app;
}

/** Listens and gives the port; PORT_IN_USE when another process has it. */
export async function listenOn(
  app: FastifyInstance,
  at: { host: string; port: number },
): Promise<number> {
  try {
    await app.listen({ host: at.host, port: at.port });
  } catch (thrown) {
    throw portError(thrown, at.port);
  }
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : at.port;
}

/** PORT_IN_USE for a taken port; anything else as it was. */
export function portError(thrown: unknown, port: number): unknown {
  if ((thrown as { code?: unknown }).code !== "EADDRINUSE") return thrown;
  return new CodedError({
    code: "PORT_IN_USE",
    message: `port ${port} is taken by another process`,
    remedy: "stop that process or choose another port",
    cause: thrown,
  });
}

function statusOf(thrown: unknown): number {
  const status = (thrown as { statusCode?: unknown }).statusCode;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code;
  return typeof code === "string" ? code : "BAD_REQUEST";
}
