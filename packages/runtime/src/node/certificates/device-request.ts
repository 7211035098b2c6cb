import "reflect-metadata";

import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { accepted, type Outcome, refused } from "../../outcome.ts";

/** A request over an Ed25519 key has some 300 bytes. */
const requestLengthMax = 4096;
const algorithm = { name: "Ed25519" };

type RequestProblem = { readonly code: "CSR_INVALID"; readonly detail: string };

/** A PKCS #10 request, PEM, that proves possession of a device's Ed25519 key (PKCS #8 PEM). RFC 2986. */
export async function requestFor(keyPem: string): Promise<string> {
  const der = Buffer.from(keyPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const privateKey = await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const spki = createPublicKey(keyPem).export({ format: "der", type: "spki" });
  const publicKey = await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys: { privateKey, publicKey },
    signingAlgorithm: algorithm,
  });
  return `${request.toString("pem")}\n`;
}

/**
 * The Ed25519 key that a request is for, once its own signature shows that the sender holds it. Names in
 * the request are not read: who the key belongs to is not the device's to say.
 */
export async function keyInRequest(pem: string): Promise<Outcome<KeyObject, RequestProblem>> {
  if (pem.length > requestLengthMax) return invalid(`longer than ${requestLengthMax} characters`);
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const spki = Buffer.from(request.publicKey.rawData);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "ed25519") return invalid("its key is not Ed25519");
    return (await request.verify()) ? accepted(key) : invalid("its signature is not by its key");
  } catch {
    return invalid("it is no PKCS #10 request");
  }
}

function invalid(detail: string): Outcome<never, RequestProblem> {
  return refused({ code: "CSR_INVALID", detail });
}
