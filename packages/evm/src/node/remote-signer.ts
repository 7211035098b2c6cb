import { accepted, messageOf, type Outcome, refused, utf8 } from "@voltfog/runtime";
import { createHttpClient, type HttpClient, type TlsIdentity } from "@voltfog/runtime/node";
import type { AnchorSigner, SigningProblem, SigningRequest } from "./anchor-signer.ts";
import { encodeSigningRequest } from "./signing-request.ts";

const timeout_ms = 5000;
const answerMax_bytes = 4096;

/** The anchor service of another validator. What it answers is checked by who asked. */
export class RemoteSigner implements AnchorSigner {
  readonly #client: HttpClient;

  /** `name` is the id in its certificate, where the address is https. */
  constructor(options: { name: string; url: string; identity: TlsIdentity | undefined }) {
    this.#client = createHttpClient({
      url: options.url,
      peerId: options.name,
      identity: options.identity,
    });
  }

  async sign(request: SigningRequest): Promise<Outcome<string, SigningProblem>> {
    try {
      const { status, body } = await this.#client.call({
        path: "/v1/anchor-signatures",
        method: "POST",
        body: { type: "application/json", bytes: utf8(encodeSigningRequest(request)) },
        signal: AbortSignal.timeout(timeout_ms),
        bodyMax_bytes: answerMax_bytes,
      });
      const answer: unknown = JSON.parse(new TextDecoder().decode(body));
      const fields = (answer ?? {}) as Record<string, unknown>;
      const { signature, code, message } = fields;
      if (status === 200 && typeof signature === "string") return accepted(signature);
      return refused({ code: "SIGNER_REFUSED", detail: `${String(code)}: ${String(message)}` });
    } catch (thrown) {
      return refused({ code: "SIGNER_UNREACHABLE", detail: messageOf(thrown) });
    }
  }

  close(): void {
    this.#client.close();
  }
}
