import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConsensusNode, TlsTransport, VoteStore } from "@voltfog/consensus/node";
import { quorum } from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { type Clock, CodedError, type Logger, type Random } from "@voltfog/runtime";
import {
  type BackboneAccess,
  type BackboneService,
  createBackboneService,
  createHttpService,
  type HttpService,
  loadTlsIdentity,
  nodeCrypto,
} from "@voltfog/runtime/node";
import { Closers } from "../closers.ts";
import { ChangeSignal } from "../http/change-signal.ts";
import { refuseUnknown } from "../http/parameters.ts";
import { addBlockRoutes } from "./block-routes.ts";
import { addChainRoutes } from "./chain-routes.ts";
import { parsePeers } from "./peer-addresses.ts";
import { refuseRestored } from "./restored-mark.ts";
import { addStatusRoute } from "./status-routes.ts";
import { addTransactionRoutes } from "./transaction-routes.ts";
import type { ValidatorConfig } from "./validator-config.ts";
import { loadValidatorIdentity, type ValidatorIdentity } from "./validator-identity.ts";
import { ValidatorMetrics } from "./validator-metrics.ts";

/** What the validator needs from the machine; the command line passes the system's. */
export interface ValidatorPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RunningValidator {
  readonly ports: { readonly p2p: number; readonly backbone: number; readonly http: number };
  /** Stops voting and serving, and closes every file and port. */
  stop(): Promise<void>;
}

const crypto = nodeCrypto;
/** Rounds double from roundTimeout_ms up to this. */
const roundTimeoutMax_ms = 30_000;
const mempoolMax_bytes = 67_108_864;

/**
 * Starts one validator. PORT_IN_USE, KEY_UNREADABLE, GENESIS_INVALID, NOT_A_VALIDATOR, PEERS_INVALID,
 * CERTIFICATE_UNREADABLE, STORE_DAMAGED, VOTES_DAMAGED, VOTES_MISSING, RESTORED_NEEDS_NEW_KEY and what
 * the disk says; then nothing is left open.
 */
export async function runValidator(
  config: ValidatorConfig,
  ports: ValidatorPorts,
): Promise<RunningValidator> {
  const closers = new Closers();
  try {
    refuseRestored(config.dataDir);
    const identity = loadValidatorIdentity(config, crypto);
    const running = await start({ config, ports, identity, closers });
    return { ports: running, stop: () => closers.closeAll() };
  } catch (thrown) {
    await closers.closeAll();
    throw thrown;
  }
}

interface Parts {
  readonly config: ValidatorConfig;
  readonly ports: ValidatorPorts;
  readonly identity: ValidatorIdentity;
  readonly closers: Closers;
}

async function start(parts: Parts): Promise<RunningValidator["ports"]> {
  const { ports, closers } = parts;
  const transport = openTransport(parts);
  const store = await openStore(parts);
  const node = await openNode(parts, { transport, store });
  const { http, backbone } = serve(parts, { transport, store, node });
  // The node is started last and, as closers run backwards, would be stopped first.
  closers.add(() => node.stop());
  const p2p = await node.start();
  const listening = { p2p, backbone: await backbone.listen(), http: await http.listen() };
  ports.logger.info("validator started", { height: node.height, ...listening });
  return listening;
}

function openTransport({ config, ports, identity }: Parts): TlsTransport {
  const { genesis, signer, voter } = identity;
  return new TlsTransport({
    identity: {
      chainId: genesis.chainId,
      self: voter,
      voteKeys: genesis.validators.map(({ voteKey }) => voteKey),
      signer,
      crypto,
      random: ports.random,
      clock: ports.clock,
    },
    tls: loadTlsIdentity(config),
    validatorIds: genesis.validators.map(({ id }) => id),
    host: config.host,
    port: config.p2pPort,
    peers: parsePeers({ peers: config.peers, validators: genesis.validators, self: voter }),
    logger: ports.logger,
  });
}

async function openStore({ config, ports, identity, closers }: Parts): Promise<ChainStore> {
  const store = await ChainStore.open({
    folder: join(config.dataDir, "blocks"),
    genesis: identity.genesis,
    crypto,
    logger: ports.logger,
  });
  closers.add(() => store.close());
  return store;
}

async function openNode(
  { config, ports, identity, closers }: Parts,
  { transport, store }: { transport: TlsTransport; store: ChainStore },
): Promise<ConsensusNode> {
  const { logger, clock } = ports;
  const path = join(config.dataDir, "votes", "votes");
  refuseLostVotes({ path, height: store.blocks.height });
  const votes = await VoteStore.open({ path, crypto, logger });
  closers.add(() => votes.close());
  return new ConsensusNode({
    store,
    votes,
    transport,
    signer: identity.signer,
    crypto,
    clock,
    logger,
    timing: {
      roundTimeout_ms: config.roundTimeout_ms,
      roundTimeoutMax_ms,
      resend_ms: config.roundTimeout_ms,
    },
    mempool: {
      transactions: config.mempoolMax,
      transactionsPerSender: Math.ceil(config.mempoolMax / 4),
      size_bytes: mempoolMax_bytes,
    },
  });
}

/** Blocks without votes mean that votes were lost, and with them what this validator promised. */
function refuseLostVotes(found: { path: string; height: number }): void {
  if (found.height === 0 || existsSync(found.path)) return;
  throw new CodedError({
    code: "VOTES_MISSING",
    message: `${found.path} is missing, but this validator has voted up to height ${found.height}`,
    remedy: "put the file back, or admit this validator again with a new key",
  });
}

function serve(
  { config, ports, identity, closers }: Parts,
  parts: { transport: TlsTransport; store: ChainStore; node: ConsensusNode },
): { http: HttpService; backbone: BackboneService } {
  const { transport, store, node } = parts;
  const { validators } = identity.genesis;
  const connectedPeers = (): number =>
    [...validators.keys()].filter((voter) => transport.isConnected(voter)).length;
  const http = createHttpService({
    process: "validator",
    host: config.host,
    port: config.httpPort,
    logger: ports.logger,
    missing: () => missing({ node, connected: 1 + connectedPeers(), count: validators.length }),
  });
  const metrics = new ValidatorMetrics({ registry: http.metrics, node, connectedPeers });
  const grown = new ChangeSignal({ clock: ports.clock });
  closers.add(() => http.close());
  node.onFinal(({ checked, final_ms }) => {
    metrics.final({ transactions: checked.results.map(({ txHash }) => txHash), at_ms: final_ms });
    grown.notify();
  });
  const backbone = createBackboneService({
    host: config.host,
    port: config.backbonePort,
    identity: loadTlsIdentity(config),
    access: backboneAccess,
    logger: ports.logger,
  });
  closers.add(() => backbone.close());
  for (const app of [http.app, backbone.app]) {
    refuseUnknown(app);
    addStatusRoute(app, { identity, node, transport });
    addBlockRoutes(app, { blocks: store.blocks, grown, validators, crypto });
    addChainRoutes(app, store);
  }
  addTransactionRoutes(http.app, {
    node,
    submitted: (hash) => metrics.submitted(hash, ports.clock.wall_ms()),
  });
  return { http, backbone };
}

/** Who may call what over the backbone; transactions come from the validator's own unit alone. */
const backboneAccess: BackboneAccess = Object.fromEntries(
  [
    "/v1/status",
    "/v1/blocks",
    "/v1/blocks/:height",
    "/v1/logs/:logId",
    "/v1/nonces/:key",
    "/v1/results/:index/proof",
    "/v1/state/:name/proof",
    "/v1/evidence",
  ].map((route) => [`GET ${route}`, ["cloud", "operator"] as const]),
);

function missing(state: { node: ConsensusNode; connected: number; count: number }): string[] {
  const needed = quorum(state.count);
  const lines: string[] = [];
  if (state.node.failure !== undefined) lines.push(`voting stopped: ${state.node.failure}`);
  if (state.connected < needed) {
    lines.push(`${state.connected} of ${needed} validators connected`);
  }
  return lines;
}
