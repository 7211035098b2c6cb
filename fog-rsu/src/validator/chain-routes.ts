import { encodeChainEvidence, encodeResult, evidenceItemsMax, type Result } from "@voltfog/ledger";
import type { ChainStore } from "@voltfog/ledger/node";
import { fromHex, toHex } from "@voltfog/runtime";
import { type App, exactly, whole } from "../http/parameters.ts";

const hex32: object = { type: "string", pattern: "^[0-9a-f]{64}$" };
const stateName: object = { type: "string", pattern: "^[a-z-]+/[0-9a-z-]{1,128}$" };

interface EvidenceQuery {
  readonly results: string;
  readonly names: string;
}

/** What the chain knows: the final state of logs and senders, and proofs by the newest final header. */
export function addChainRoutes(app: App, store: ChainStore): void {
  addStateRoutes(app, store);
  app.get<{ Params: { index: number } }>(
    "/v1/results/:index/proof",
    { schema: { params: exactly({ index: whole() }, ["index"]) } },
    (request, reply) => prove(store, reply, { results: [request.params.index], names: [] }),
  );
  addPathRoute(app, store);
  app.get<{ Params: { name: string } }>(
    "/v1/state/:name/proof",
    { schema: { params: exactly({ name: stateName }, ["name"]) } },
    (request, reply) => prove(store, reply, { results: [], names: [request.params.name] }),
  );
  const list = (item: string): object => ({
    type: "string",
    pattern: `^(${item}(,${item}){0,${evidenceItemsMax - 1}})?$`,
    default: "",
  });
  const querystring = exactly({
    results: list("(0|[1-9][0-9]{0,14})"),
    names: list("[a-z-]+/[0-9a-z-]{1,128}"),
  });
  app.get<{ Querystring: EvidenceQuery }>(
    "/v1/evidence",
    { schema: { querystring } },
    (request, reply) => {
      const { results, names } = request.query;
      return prove(store, reply, { results: listOf(results).map(Number), names: listOf(names) });
    },
  );
}

/** A result and its path at an earlier size: what proves it under a header that was anchored elsewhere. */
function addPathRoute(app: App, store: ChainStore): void {
  const schema = {
    params: exactly({ index: whole() }, ["index"]),
    querystring: exactly({ size: whole({ min: 1 }) }, ["size"]),
  };
  app.get<{ Params: { index: number }; Querystring: { size: number } }>(
    "/v1/results/:index/path",
    { schema },
    async (request, reply) => {
      const { index } = request.params;
      const { size } = request.query;
      const isThere = index < size && size <= store.chain.resultsSize;
      const result = isThere
        ? (store.chain.resultAt(index) ?? (await store.resultAt(index)))
        : undefined;
      if (result === undefined) {
        const message = "the log of results has no such result at that size";
        return reply.status(404).send({ code: "RESULT_UNKNOWN", message });
      }
      const path = store.chain.resultPath({ index, size }).map(toHex);
      return { index, size, result: toHex(encodeResult(result)), path };
    },
  );
}

function addStateRoutes(app: App, { chain }: ChainStore): void {
  app.get<{ Params: { logId: string } }>(
    "/v1/logs/:logId",
    { schema: { params: exactly({ logId: hex32 }, ["logId"]) } },
    (request, reply) => {
      const state = chain.logState(bytesOf(request.params.logId));
      if (state !== undefined) return { ...state, root: toHex(state.root) };
      const message = "no final checkpoint of this log";
      return reply.status(404).send({ code: "LOG_UNKNOWN", message });
    },
  );
  app.get<{ Params: { key: string } }>(
    "/v1/nonces/:key",
    { schema: { params: exactly({ key: hex32 }, ["key"]) } },
    (request) => {
      const { key } = request.params;
      return { key, nonce: chain.nonceOf(bytesOf(key)) };
    },
  );
}

interface Reply {
  status(code: number): Reply;
  type(name: string): Reply;
  send(body: unknown): unknown;
}

/** Evidence by the head; results too old for memory are read from disk first. */
async function prove(
  store: ChainStore,
  reply: Reply,
  wanted: { results: readonly number[]; names: readonly string[] },
): Promise<unknown> {
  const known = new Map<number, Result>();
  for (const index of wanted.results) {
    if (index >= store.chain.resultsSize || store.chain.resultAt(index) !== undefined) continue;
    const result = await store.resultAt(index);
    if (result !== undefined) known.set(index, result);
  }
  const evidence = store.chain.evidence({ ...wanted, known });
  if (evidence !== undefined) {
    return reply.type("application/octet-stream").send(Buffer.from(encodeChainEvidence(evidence)));
  }
  if (wanted.results.some((index) => isPruned(store, index, known))) {
    const message = "the block of a result is no longer kept here; the cloud still has its proof";
    return reply.status(410).send({ code: "RESULT_PRUNED", message });
  }
  const message = "no final block holds all of that yet";
  return reply.status(404).send({ code: "NOT_FINAL", message });
}

function isPruned(store: ChainStore, index: number, known: ReadonlyMap<number, Result>): boolean {
  const { chain } = store;
  return index < chain.resultsSize && chain.resultAt(index) === undefined && !known.has(index);
}

function listOf(text: string): string[] {
  return text === "" ? [] : text.split(",");
}

/** Bytes of what the route's schema has found to be hex. */
function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
