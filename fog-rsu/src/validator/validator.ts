import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AdmissionDesk,
  ConsensusNode,
  type SubmittedTx,
  TlsTransport,
  VoteStore,
} from "@voltfog/consensus/node";
import { type EngineChoice, engineOf, quorumOf, transactionHash } from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { type Clock, CodedError, equalBytes, type Logger, type Random } from "@voltfog/runtime";
import {
  addDiskGauges,
  type BackboneAccess,
  type BackboneService,
  createBackboneService,
  createHttpService,
  DiskWatch,
  type HttpService,
  loadTlsIdentity,
  nodeCrypto,
  signerOfSeed,
} from "@voltfog/runtime/node";
import { Closers } from "../closers.ts";
import { ChangeSignal } from "../http/change-signal.ts";
import { refuseUnknown } from "../http/parameters.ts";
import { addBlockRoutes } from "./block-routes.ts";
import { chainMembership } from "./chain-membership.ts";
import { addChainRoutes } from "./chain-routes.ts";
import { addChangeRoutes } from "./change-routes.ts";
import { Cosigner, derivedCosignerSeed } from "./cosigner.ts";
import { addCosignerRoutes } from "./cosigner-routes.ts";
import { Outcomes } from "./outcomes.ts";
import { parsePeers } from "./peer-addresses.ts";
import { ReaderPlaces } from "./reader-places.ts";
import { refuseRestored } from "./restored-mark.ts";
import { addStatusRoute } from "./status-routes.ts";
import { addOutcomeRoute, addTransactionRoutes } from "./transaction-routes.ts";
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
 * Starts one validator. PORT_IN_USE, KEY_UNREADABLE, KEYSTORE_DAMAGED, PASSPHRASE_MISSING,
 * PASSPHRASE_WRONG, GENESIS_INVALID, NOT_A_VALIDATOR, PEERS_INVALID, CERTIFICATE_UNREADABLE, STORE_OTHER_CHAIN, STORE_DAMAGED, VOTES_DAMAGED, VOTES_MISSING, RESTORED_NEEDS_NEW_KEY,
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
  const readers = new ReaderPlaces({ path: join(config.dataDir, "readers.json"), ...ports });
  const store = await openStore(parts, readers);
  const voteKey = VoteKey.open({ config, identity, chain: store.chain });
  const transport = openTransport(parts, { voteKey, store });
  const admissions = openAdmissions(parts, { voteKey, store });
  const node = await openNode(parts, { transport, store, voteKey, admissions });
  const disk = watchDisk(parts, store);
  const { http, backbone } = serve(parts, { store, node, voteKey, readers, admissions, disk });
  // The node is started last and, as closers run backwards, would be stopped first.
  closers.add(() => node.stop());
  const p2p = await node.start();
  offerVoteKey({ node, voteKey, logger: ports.logger });
  const listening = { p2p, backbone: await backbone.listen(), http: await http.listen() };
  ports.logger.info("validator started", { height: node.height, ...listening });
  return listening;
}

function openTransport(
  { config, ports, identity }: Parts,
  { voteKey, store }: { voteKey: VoteKey; store: ChainStore },
): TlsTransport {
  const { genesis, signer, id } = identity;
  return new TlsTransport({
    identity: {
      chainId: genesis.chainId,
      id,
      voteKeyOf: (of) => voteKey.keyOf(of),
      succession: () => voteKey.succession(),
      signer,
      crypto,
      random: ports.random,
      clock: ports.clock,
    },
    tls: loadTlsIdentity(config, ports.logger),
    membership: chainMembership(store.chain),
    host: config.host,
    port: config.p2pPort,
    peers: parsePeers({ peers: config.peers, self: id }),
    logger: ports.logger,
  });
}

/** A node that has no seat yet says its request, where its folder holds one. */
function openAdmissions(
  { config }: Parts,
  { voteKey, store }: { voteKey: VoteKey; store: ChainStore },
): AdmissionDesk {
  const { admission } = config;
  const isAsking = !voteKey.hasSeat && admission !== "" && existsSync(admission);
  const own = isAsking ? new Uint8Array(readFileSync(admission)) : undefined;
  return new AdmissionDesk({ chain: store.chain, own });
}

async function openStore(
  { config, ports, identity, closers }: Parts,
  readers: ReaderPlaces,
): Promise<ChainStore> {
  const store = await ChainStore.open({
    folder: join(config.dataDir, "blocks"),
    genesis: identity.genesis,
    crypto,
    logger: ports.logger,
    retention: {
      blocksKept: config.blocksKept === 0 ? undefined : config.blocksKept,
      readersFrom: () => readers.lowest(),
    },
  });
  closers.add(() => store.close());
  return store;
}

function watchDisk({ config, ports, closers }: Parts, { blocks }: ChainStore): DiskWatch {
  const disk = new DiskWatch({
    ...ports,
    folder: config.dataDir,
    limits: { free_bytes: config.diskFreeMin_bytes, left_d: config.diskLeftMin_d },
    // Once old blocks go, those that come take their place.
    levelKinds: () => (config.blocksKept > 0 && blocks.first > 1 ? ["blocks"] : []),
  });
  closers.add(() => disk.stop());
  disk.start();
  return disk;
}

async function openNode(
  { config, ports, identity, closers }: Parts,
  parts: {
    transport: TlsTransport;
    store: ChainStore;
    voteKey: VoteKey;
    admissions: AdmissionDesk;
  },
): Promise<ConsensusNode> {
  const { transport, store, voteKey, admissions } = parts;
  const { logger, clock } = ports;
  const path = join(config.dataDir, "votes", "votes");
  // A key that the chain does not have yet has never voted.
  if (voteKey.isTaken) refuseLostVotes({ path, height: store.blocks.height });
  const votes = await VoteStore.open({ path, crypto, logger });
  closers.add(() => votes.close());
  return new ConsensusNode({
    store,
    votes,
    transport,
    admissions,
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
    snapshotBehind: config.snapshotBehind,
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
    // A block that names a set takes none, and a peer may have been away.
    else node.submit(offer);
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
  parts: {
    store: ChainStore;
    node: ConsensusNode;
    voteKey: VoteKey;
    admissions: AdmissionDesk;
    readers: ReaderPlaces;
    disk: DiskWatch;
  },
): { http: HttpService; backbone: BackboneService } {
  const { store, node, voteKey, admissions, readers, disk } = parts;
  const connectedPeers = (): number =>
    node.chain.validators.filter(({ id }) => node.isConnected(id)).length;
  const http = createHttpService({
    process: "validator",
    host: config.host,
    port: config.httpPort,
    logger: ports.logger,
    missing: () =>
      missing({
        id: identity.id,
        engine: engineOf(identity.genesis),
        node,
        voteKey,
        connected: Number(voteKey.hasSeat) + connectedPeers(),
        count: node.chain.validators.length,
      }),
  });
  const metrics = new ValidatorMetrics({ registry: http.metrics, node, connectedPeers });
  addDiskGauges(http.metrics, disk);
  const grown = new ChangeSignal({ clock: ports.clock });
  const outcomes = new Outcomes(store);
  closers.add(() => http.close());
  node.onFinal(({ checked, final_ms }) => {
    const { block, results } = checked;
    outcomes.take({ resultsSize: block.header.resultsSize, results });
    metrics.final({ transactions: results.map(({ txHash }) => txHash), at_ms: final_ms });
    grown.notify();
  });
  const cosigner = openCosigner({ ports, identity });
  node.onFinal(({ checked }) =>
    cosigner.take({ transactions: checked.block.transactions, results: checked.results }),
  );
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
    addStatusRoute(app, { identity, node, blocks: store.blocks, disk });
    addBlockRoutes(app, { blocks: store.blocks, grown, chain: store.chain, crypto, readers });
    addChainRoutes(app, store);
    addOutcomeRoute(app, { outcomes, grown });
    addChangeRoutes(app, { chain: store.chain, admissions });
    addCosignerRoutes(app, cosigner);
  }
  const submitted = (transaction: SubmittedTx): void => {
    metrics.submitted(transaction.hash, ports.clock.wall_ms());
    outcomes.submitted(transaction);
  };
  for (const app of [http.app, backbone.app]) addTransactionRoutes(app, { node, submitted });
  return { http, backbone };
}

function openCosigner({ ports, identity }: Pick<Parts, "ports" | "identity">): Cosigner {
  const { genesis, signer: voteSigner, id } = identity;
  const seed = derivedCosignerSeed({ chainId: genesis.chainId, voteSigner, crypto });
  return new Cosigner({
    chain: genesis.chain,
    id,
    signer: signerOfSeed(seed),
    clock: ports.clock,
    crypto,
  });
}

/** Who may call what over the backbone; transactions come from the validator's own unit, or the cloud relays them. */
const backboneAccess: BackboneAccess = {
  "POST /v1/transactions": ["cloud"],
  ...readable([
    "/v1/status",
    "/v1/transactions/:hash",
    "/v1/blocks",
    "/v1/blocks/:height",
    "/v1/logs/:logId",
    "/v1/logs/:logId/checkpoint",
    "/v1/cosigner",
    "/v1/nonces/:key",
    "/v1/results/:index/proof",
    "/v1/results/:index/path",
    "/v1/state/:name/proof",
    "/v1/evidence",
    "/v1/changes",
  ]),
};

function readable(routes: readonly string[]): BackboneAccess {
  return Object.fromEntries(
    routes.map((route) => [`GET ${route}`, ["cloud", "operator"] as const]),
  );
}

function missing(state: {
  id: string;
  engine: EngineChoice;
  node: ConsensusNode;
  voteKey: VoteKey;
  connected: number;
  count: number;
}): string[] {
  const needed = quorumOf(state.engine, state.count);
  const lines: string[] = [];
  if (state.node.failure !== undefined) lines.push(`voting stopped: ${state.node.failure}`);
  if (!state.voteKey.hasSeat) {
    const wasRemoved = state.node.chain.consortium.validator(state.id)?.removedHeight !== undefined;
    const told = "the chain has no seat for this validator yet: it follows the blocks";
    lines.push(wasRemoved ? "the consortium removed this validator" : told);
  } else if (!state.voteKey.isTaken) {
    lines.push("the chain does not have this validator's new vote key yet");
  }
  if (state.connected < needed) {
    lines.push(`${state.connected} of ${needed} validators connected`);
  }
  return lines;
}
