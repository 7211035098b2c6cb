import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConsensusNode, TlsTransport, VoteStore } from "@voltfog/consensus/node";
import { quorum, transactionHash } from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { type Clock, CodedError, equalBytes, type Logger, type Random } from "@voltfog/runtime";
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
import { VoteKey } from "./vote-key.ts";

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
 * CERTIFICATE_UNREADABLE, STORE_DAMAGED, VOTES_DAMAGED, VOTES_MISSING, RESTORED_NEEDS_NEW_KEY,
 * NEW_VOTE_KEY_DAMAGED and what the disk says; then nothing is left open.
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
  const { config, identity, ports, closers } = parts;
  const store = await openStore(parts);
  const voteKey = VoteKey.open({ config, identity, chain: store.chain });
  const transport = openTransport(parts, voteKey);
  const node = await openNode(parts, { transport, store, voteKey });
  const { http, backbone } = serve(parts, { transport, store, node, voteKey });
  // The node is started last and, as closers run backwards, would be stopped first.
  closers.add(() => node.stop());
  const p2p = await node.start();
  offerVoteKey({ node, voteKey, logger: ports.logger });
  const listening = { p2p, backbone: await backbone.listen(), http: await http.listen() };
  ports.logger.info("validator started", { height: node.height, ...listening });
  return listening;
}

function openTransport({ config, ports, identity }: Parts, voteKey: VoteKey): TlsTransport {
  const { genesis, signer, voter } = identity;
  return new TlsTransport({
    identity: {
      chainId: genesis.chainId,
      self: voter,
      voteKeyOf: (of) => voteKey.keyOf(of),
      succession: () => voteKey.succession(),
      signer,
      crypto,
      random: ports.random,
      clock: ports.clock,
    },
    tls: loadTlsIdentity(config, ports.logger),
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
  parts: { transport: TlsTransport; store: ChainStore; voteKey: VoteKey },
): Promise<ConsensusNode> {
  const { transport, store, voteKey } = parts;
  const { logger, clock } = ports;
  const path = join(config.dataDir, "votes", "votes");
  // A key that the chain does not have yet has never voted.
  if (voteKey.offer === undefined) refuseLostVotes({ path, height: store.blocks.height });
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

/** Sends the new vote key of a restored validator, and says what becomes of it. */
function offerVoteKey(parts: { node: ConsensusNode; voteKey: VoteKey; logger: Logger }): void {
  const { node, voteKey, logger } = parts;
  const { offer } = voteKey;
  if (offer === undefined) return;
  const hash = transactionHash(offer, crypto);
  const submitted = node.submit(offer);
  if (submitted.ok) logger.info("new vote key sent to the other validators");
  else logger.error("new vote key cannot be sent", { ...submitted.problem });
  const stop = node.onFinal(({ height, checked }) => {
    const result = checked.results.find(({ txHash }) => equalBytes(txHash, hash));
    if (voteKey.isTaken) logger.info("the chain has this validator's new vote key", { height });
    else if (result !== undefined) {
      const remedy = "restore from a backup that was taken after the last new vote key";
      logger.error("the chain refused the new vote key", { height, code: result.code, remedy });
    }
    if (voteKey.isTaken || result !== undefined) stop();
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
  parts: { transport: TlsTransport; store: ChainStore; node: ConsensusNode; voteKey: VoteKey },
): { http: HttpService; backbone: BackboneService } {
  const { transport, store, node, voteKey } = parts;
  const { validators } = identity.genesis;
  const connectedPeers = (): number =>
    [...validators.keys()].filter((voter) => transport.isConnected(voter)).length;
  const http = createHttpService({
    process: "validator",
    host: config.host,
    port: config.httpPort,
    logger: ports.logger,
    missing: () =>
      missing({ node, voteKey, connected: 1 + connectedPeers(), count: validators.length }),
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
    identity: loadTlsIdentity(config, ports.logger),
    access: backboneAccess,
    logger: ports.logger,
  });
  closers.add(() => backbone.close());
  for (const app of [http.app, backbone.app]) {
    refuseUnknown(app);
    addStatusRoute(app, { identity, node, transport });
    addBlockRoutes(app, { blocks: store.blocks, grown, chain: store.chain, crypto });
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

function missing(state: {
  node: ConsensusNode;
  voteKey: VoteKey;
  connected: number;
  count: number;
}): string[] {
  const needed = quorum(state.count);
  const lines: string[] = [];
  if (state.node.failure !== undefined) lines.push(`voting stopped: ${state.node.failure}`);
  if (!state.voteKey.isTaken)
    lines.push("the chain does not have this validator's new vote key yet");
  if (state.connected < needed) {
    lines.push(`${state.connected} of ${needed} validators connected`);
  }
  return lines;
}
