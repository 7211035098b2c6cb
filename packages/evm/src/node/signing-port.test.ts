import { accepted, silentLogger } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import type { PeerRole, TlsIdentity } from "@voltfog/runtime/node";
import { afterEach, expect, it } from "vitest";
import { anchorConfig } from "./anchor-config.ts";
import type { AnchorSigner, SigningRequest } from "./anchor-signer.ts";
import { RemoteSigner } from "./remote-signer.ts";
import { listenForSigning } from "./signing-port.ts";

const now_ms = Date.now();
const authority = await CertificateAuthority.create({ name: "site", now_ms });
const foreign = await CertificateAuthority.create({ name: "site", now_ms });
const identityOf = (id: string, role: PeerRole, from = authority): Promise<TlsIdentity> =>
  from.newIdentity({ id, role }, { now_ms });

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const request: SigningRequest = {
  evmChainId: 1n,
  contract: `0x${"11".repeat(20)}`,
  kind: "validators",
  content: { version: 2, height: 1, validators: [] },
};
const signature = `0x${"ab".repeat(65)}`;

it("validators of one authority sign for each other over mutual TLS, and for nobody else", async () => {
  const asked: SigningRequest[] = [];
  const signer: AnchorSigner = {
    sign: async (one) => {
      asked.push(one);
      return accepted(signature);
    },
  };
  const config = anchorConfig.parse({
    flags: { genesis: "g", contract: request.contract, dataDir: "d", signPort: 0 },
  });
  if (!config.ok) throw new Error(config.problem.detail);
  const port = await listenForSigning({
    config: config.value,
    identity: await identityOf("anchor-2", "validator"),
    signer,
    logger: silentLogger,
    closers,
  });
  const ask = (
    identity: TlsIdentity | undefined,
    name = "anchor-2",
  ): ReturnType<RemoteSigner["sign"]> => {
    const remote = new RemoteSigner({ name, url: `https://127.0.0.1:${port}`, identity });
    closers.push(() => remote.close());
    return remote.sign(request);
  };
  const mine = await identityOf("anchor-1", "validator");
  expect(await ask(mine)).toEqual({ ok: true, value: signature });
  expect(asked).toEqual([request]);
  const refusal = (code: string): object => ({ ok: false, problem: { code } });
  expect(await ask(mine, "anchor-3")).toMatchObject(refusal("SIGNER_UNREACHABLE"));
  expect(await ask(await identityOf("vehicle-1", "vehicle"))).toMatchObject(
    refusal("SIGNER_REFUSED"),
  );
  const stranger = await identityOf("anchor-1", "validator", foreign);
  expect(await ask(stranger)).toMatchObject(refusal("SIGNER_UNREACHABLE"));
  expect(asked).toHaveLength(1);
});
