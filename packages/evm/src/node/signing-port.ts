import type { Logger } from "@voltfog/runtime";
import {
  type BackboneAccess,
  createBackboneService,
  type HttpService,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { AnchorConfig } from "./anchor-config.ts";
import type { AnchorSigner, SigningProblem } from "./anchor-signer.ts";
import { decodeSigningRequest, signingRequestMax_bytes } from "./signing-request.ts";

const route = "/v1/anchor-signatures";
/** A signature is a public fact about a final block, so who asks matters little; rubbish is cut off by TLS. */
const access: BackboneAccess = { [`POST ${route}`]: ["validator", "cloud", "operator"] };

/** POST /v1/anchor-signatures → {signature}, or 400 and 409 with {code, message}. */
export function addSigningRoute(app: HttpService["app"], signer: AnchorSigner): void {
  app.post(route, { bodyLimit: signingRequestMax_bytes }, async (request, reply) => {
    const asked = decodeSigningRequest(request.body);
    if (!asked.ok) {
      return reply.status(400).send({ code: "MALFORMED", message: asked.problem.detail });
    }
    const signed = await signer.sign(asked.value);
    if (signed.ok) return { signature: signed.value };
    const { code, detail }: SigningProblem = signed.problem;
    return reply.status(409).send({ code, message: detail });
  });
}

/** The same route for other machines, over mutual TLS; resolves with the port. */
export async function listenForSigning(o: {
  config: AnchorConfig;
  identity: TlsIdentity;
  signer: AnchorSigner;
  logger: Logger;
  closers: (() => void | Promise<void>)[];
}): Promise<number> {
  const { config, identity, logger } = o;
  const service = createBackboneService({
    host: config.host,
    port: config.signPort,
    identity,
    access,
    bodyMax_bytes: signingRequestMax_bytes,
    logger,
  });
  o.closers.push(() => service.close());
  addSigningRoute(service.app, o.signer);
  return service.listen();
}
