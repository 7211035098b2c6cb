import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import {
  type Block,
  type Chain,
  decodeBlock,
  decodeCertificate,
  decodeResult,
  headerHash,
  type Result,
} from "@voltfog/ledger";
import type { BlockStore, StoredBlock } from "@voltfog/ledger/node";
import { ByteWriter, type Crypto, toHex } from "@voltfog/runtime";
import { peerOf } from "@voltfog/runtime/node";
import type { ChangeSignal } from "../http/change-signal.ts";
import { type App, exactly, waitMax_ms, whole } from "../http/parameters.ts";
import type { ReaderPlaces } from "./reader-places.ts";

export interface BlockParts {
  readonly blocks: BlockStore;
  /** Notified after every block that became final. */
  readonly grown: ChangeSignal;
  readonly chain: Chain;
  readonly crypto: Crypto;
  /** Whose places keep blocks from being removed. */
  readonly readers: ReaderPlaces;
}

interface BlocksQuery {
  readonly from: number;
  readonly limit: number;
  readonly wait_ms: number;
}

const pageVersion = 1;
const blocksMax = 64;
/** A page ends after the block that reaches this; a block has 4 MiB at most. */
const pageMax_bytes = 8_388_608;

/** Final blocks with their certificates by long poll, and one block as JSON. */
export function addBlockRoutes(app: App, parts: BlockParts): void {
  const querystring = exactly({
    from: whole({ min: 1, default: 1 }),
    limit: whole({ min: 1, max: blocksMax, default: 16 }),
    wait_ms: whole({ max: waitMax_ms, default: 0 }),
  });
  app.get<{ Querystring: BlocksQuery }>(
    "/v1/blocks",
    { schema: { querystring } },
    async (request, reply) => {
      const { from, limit, wait_ms } = request.query;
      const reader = readerOf(request.raw.socket);
      if (reader !== undefined) parts.readers.note(reader, from);
      if (from < parts.blocks.first) return pruned(reply, { height: from, blocks: parts.blocks });
      await parts.grown.until(() => parts.blocks.height >= from, wait_ms);
      const page = await readPage(parts.blocks, { from, limit });
      return reply.type("application/octet-stream").send(encodePage(page));
    },
  );
  const params = exactly({ height: whole({ min: 1 }) }, ["height"]);
  app.get<{ Params: { height: number } }>(
    "/v1/blocks/:height",
    { schema: { params } },
    async (request, reply) => {
      const { height } = request.params;
      const { blocks } = parts;
      const stored = await blocks.read(height);
      if (stored !== undefined) return summaryOf(stored, parts);
      if (height < blocks.first) return pruned(reply, { height, blocks });
      const message = `no final block ${height} here yet`;
      return reply.status(404).send({ code: "BLOCK_UNKNOWN", message });
    },
  );
}

/** The cloud, or this validator's own unit; whoever else reads is not waited for. */
function readerOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return "unit";
  const peer = peerOf(socket);
  return peer?.role === "cloud" ? peer.id : undefined;
}

interface Reply {
  status(code: number): Reply;
  send(body: unknown): unknown;
}

/** 410: the block was final, but this validator does not keep it any more. */
function pruned(reply: Reply, asked: { height: number; blocks: BlockStore }): unknown {
  const { first } = asked.blocks;
  const message = `block ${asked.height} is no longer kept here, the first one is ${first}; ask a validator that keeps all (blocksKept 0)`;
  return reply.status(410).send({ code: "BLOCKS_PRUNED", message, first });
}

async function readPage(
  blocks: BlockStore,
  range: { from: number; limit: number },
): Promise<readonly StoredBlock[]> {
  const page: StoredBlock[] = [];
  let length_bytes = 0;
  for (let height = range.from; height < range.from + range.limit; height++) {
    const stored = length_bytes < pageMax_bytes ? await blocks.read(height) : undefined;
    if (stored === undefined) break;
    page.push(stored);
    length_bytes += stored.block.length + stored.certificate.length;
  }
  return page;
}

function encodePage(page: readonly StoredBlock[]): Buffer {
  const writer = new ByteWriter().u8(pageVersion).u32(page.length);
  for (const { block, certificate } of page) writer.block(block).block(certificate);
  return Buffer.from(writer.finish());
}

function summaryOf(stored: StoredBlock, parts: BlockParts): object {
  const block = decodeBlock(stored.block);
  const certificate = decodeCertificate(stored.certificate);
  if (!block.ok || !certificate.ok) throw new Error(`stored block ${stored.height} does not read`);
  const { header } = block.value;
  return {
    height: header.height,
    hash: toHex(headerHash(header, parts.crypto)),
    parent: toHex(header.parent),
    time_ms: header.time_ms,
    proposer: proposerOf(block.value, parts.chain),
    round: certificate.value.round,
    form: certificate.value.form,
    stateRoot: toHex(header.stateRoot),
    resultsSize: header.resultsSize,
    resultsRoot: toHex(header.resultsRoot),
    commits: certificate.value.signatures.map(({ validator, delay_ms }) => ({
      validator: parts.chain.validators[validator]?.id ?? `${validator}`,
      delay_ms,
    })),
    results: stored.results.map(readResult).map(resultView),
  };
}

function proposerOf({ header }: Block, chain: Chain): string {
  return chain.validatorOf(header.proposer)?.id ?? toHex(header.proposer);
}

function readResult(bytes: Uint8Array): Result {
  const result = decodeResult(bytes);
  if (!result.ok) throw new Error("a stored result does not read");
  return result.value;
}

function resultView(result: Result): object {
  const { txIndex, module, action, code } = result;
  return {
    txIndex,
    txHash: toHex(result.txHash),
    sender: toHex(result.sender),
    module,
    action,
    code,
  };
}
