import type { Server } from "node:http";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { FastifyInstance } from "fastify";
import { assert } from "../coded-error.ts";
import type { Logger } from "../logger.ts";
import { createApp, listenOn } from "./http-service.ts";
import { type PeerIdentity, type PeerRole, peerOf } from "./tls/peer-identity.ts";
import { serverTls, type TlsIdentity } from "./tls/tls-identity.ts";

/** Who may call what: roles by "METHOD /route". A route that is missing here cannot be added. */
export type BackboneAccess = Readonly<Record<string, readonly PeerRole[]>>;

/** The HTTP side between the site's own processes, over mutual TLS. */
export interface BackboneService {
  readonly app: FastifyInstance;
  /** Resolves with the port once the service listens; PORT_IN_USE when another process has it. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

/**
 * An HTTPS service for holders of the site's certificates. Who calls what its role may not is answered
 * 403 ROLE_REFUSED, and that is logged. Every refusal is JSON {code, message}.
 */
export function createBackboneService(options: {
  host: string;
  /** 0 takes any free port. */
  port: number;
  identity: TlsIdentity;
  access: BackboneAccess;
  bodyMax_bytes?: number;
  logger: Logger;
}): BackboneService {
  const { access, logger } = options;
  const app = createApp({
    ...options,
    serverFactory: (handler): Server => {
      const { identity } = options;
      const server = createServer({ ...serverTls(identity), noDelay: true }, handler);
      identity.revocations?.guardServer(server);
      return server;
    },
  });
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) assert(rolesOf(access, one, url), `${one} ${url} has roles`);
  });
  app.addHook("onRequest", async (request, reply) => {
    const { url } = request.routeOptions;
    if (url === undefined) return undefined; // Nothing is there, which anybody may know.
    const socket = request.raw.socket as TLSSocket;
    const peer = peerOf(socket);
    if (options.identity.revocations?.isRevoked(socket) === true) {
      const message = `the certificate of ${peer?.id} is revoked`;
      return reply.status(403).send({ code: "CERTIFICATE_REVOKED", message });
    }
    if (mayCall({ access, peer, method: request.method, url })) return undefined;
    const name = peer === undefined ? "a peer without id and role" : `${peer.role} ${peer.id}`;
    logger.warn("access refused", { peer: name, method: request.method, route: url });
    const message = `${name} may not ${request.method} ${url}`;
    return reply.status(403).send({ code: "ROLE_REFUSED", message });
  });
  return { app, listen: () => listenOn(app, options), close: () => app.close() };
}

function mayCall(asked: {
  access: BackboneAccess;
  peer: PeerIdentity | undefined;
  method: string;
  url: string;
}): boolean {
  const roles = rolesOf(asked.access, asked.method, asked.url) ?? [];
  return asked.peer !== undefined && roles.includes(asked.peer.role);
}

/** HEAD asks for no more than GET. */
function rolesOf(
  access: BackboneAccess,
  method: string,
  url: string,
): readonly PeerRole[] | undefined {
  return access[`${method === "HEAD" ? "GET" : method} ${url}`];
}
