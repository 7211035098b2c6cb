import {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  loadTlsIdentity,
} from "@voltfog/runtime/node";
import { tlsFilesOf } from "../site/site-certificates.ts";
import type { SitePaths } from "../site/site-folder.ts";

const limit_ms = 5000;
const answerMax_bytes = 16_777_216;

/** One question or request to a process of the site over its backbone, with the operator's certificate. */
export async function askBackbone(asked: {
  paths: SitePaths;
  peerId: string;
  port: number;
  path: string;
  method?: Exclude<HttpCall["method"], undefined>;
  /** Sent as JSON. */
  body?: object;
}): Promise<HttpAnswer> {
  const { paths, peerId, port, path, method = "GET" } = asked;
  const bytes = JSON.stringify(asked.body);
  const body = asked.body === undefined ? {} : { body: { type: "application/json", bytes } };
  const identity = loadTlsIdentity(tlsFilesOf(paths, "operator"));
  const client = createHttpClient({ url: `https://127.0.0.1:${port}`, peerId, identity });
  try {
    const signal = AbortSignal.timeout(limit_ms);
    return await client.call({ path, method, ...body, signal, bodyMax_bytes: answerMax_bytes });
  } finally {
    client.close();
  }
}
