import { createHttpClient, type HttpAnswer, loadTlsIdentity } from "@voltfog/runtime/node";
import { tlsFilesOf } from "../site/site-certificates.ts";
import type { SitePaths } from "../site/site-folder.ts";

const limit_ms = 5000;
const answerMax_bytes = 16_777_216;

/** One question to a process of the site over its backbone, with the operator's certificate. */
export async function askBackbone(asked: {
  paths: SitePaths;
  peerId: string;
  port: number;
  path: string;
}): Promise<HttpAnswer> {
  const { paths, peerId, port, path } = asked;
  const identity = loadTlsIdentity(tlsFilesOf(paths, "operator"));
  const client = createHttpClient({ url: `https://127.0.0.1:${port}`, peerId, identity });
  try {
    const signal = AbortSignal.timeout(limit_ms);
    return await client.call({ path, signal, bodyMax_bytes: answerMax_bytes });
  } finally {
    client.close();
  }
}
