import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Genesis, parseGenesis } from "@voltfog/ledger";
import {
  type Clock,
  CodedError,
  type Crypto,
  faultOf,
  type Logger,
  messageOf,
  toHex,
} from "@voltfog/runtime";
import { createHttpService, loadTlsIdentity, type TlsIdentity } from "@voltfog/runtime/node";
import { getAddress, type SigningKey } from "ethers";
import type { AnchorConfig } from "./anchor-config.ts";
import { AnchorContract } from "./anchor-contract.ts";
import { loadAnchorKey } from "./anchor-key.ts";
import { addAnchorMetrics } from "./anchor-metrics.ts";
import { AnchorService } from "./anchor-service.ts";
import { type AnchorSigner, LocalSigner } from "./anchor-signer.ts";
import { type AnchorPlace, sortedSet } from "./anchor-statement.ts";
import { EvmEndpoint } from "./evm-endpoint.ts";
import { ValidatorHeaders } from "./final-evidence.ts";
import { registeredAddresses } from "./registered-addresses.ts";
import { RemoteSigner } from "./remote-signer.ts";
import { addSigningRoute, listenForSigning } from "./signing-port.ts";
import { TransactionSender } from "./transaction-sender.ts";

export interface AnchorPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly crypto: Crypto;
}

export interface RunningAnchor {
  readonly ports: { readonly http: number; readonly sign?: number };
  stop(): Promise<void>;
}

const gwei = 1_000_000_000;
const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Starts the anchor service beside a validator (it signs) or anywhere (it sends). GENESIS_INVALID,
 * KEY_UNREADABLE, CONTRACT_UNKNOWN, CONTRACT_OTHER_CHAIN, SIGNERS_INVALID, NOT_LOOPBACK,
 * PORT_IN_USE, CERTIFICATE_UNREADABLE and what the disk says; then nothing is left open.
 */
export async function runAnchor(config: AnchorConfig, ports: AnchorPorts): Promise<RunningAnchor> {
  const closers: (() => void | Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const running = await start(config, ports, closers);
    return { ports: running, stop: closeAll };
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
}

async function start(
  config: AnchorConfig,
  ports: AnchorPorts,
  closers: (() => void | Promise<void>)[],
): Promise<RunningAnchor["ports"]> {
  const { logger, crypto } = ports;
  const identity = config.tlsCertificate === "" ? undefined : loadTlsIdentity(config, logger);
  refuseOpenPort(config, identity);
  const stopping = new AbortController();
  const { signal } = stopping;
  const genesis = loadGenesis(config.genesis, crypto);
  const endpoint = new EvmEndpoint({ url: config.rpcUrl, signal });
  const contract = new AnchorContract({ endpoint, address: getAddress(config.contract) });
  const place = await once(() => placeOf({ endpoint, contract, genesis }), config, ports);
  const headers = new ValidatorHeaders({ url: config.validatorUrl, genesis, crypto, signal });
  const { key, validators } = ownPart(config, { genesis, crypto, headers });
  const own =
    key === undefined
      ? undefined
      : new LocalSigner({ place, key, genesis, crypto, headers, validators });
  const http = createHttpService({
    process: config.id,
    host: identity === undefined ? config.host : "127.0.0.1",
    port: config.httpPort,
    logger,
  });
  closers.push(() => http.close());
  if (own !== undefined && identity === undefined) addSigningRoute(http.app, own);
  const service =
    config.senderKey === ""
      ? undefined
      : await sending({
          config,
          ports,
          closers,
          endpoint,
          contract,
          place,
          headers,
          validators,
          own,
          identity,
        });
  addAnchorMetrics(http, { service, own, place });
  const signPort =
    own === undefined || identity === undefined
      ? undefined
      : await listenForSigning({ config, identity, signer: own, logger, closers });
  const listening = {
    http: await http.listen(),
    ...(signPort === undefined ? {} : { sign: signPort }),
  };
  service?.start();
  // The last to be added is the first to run: no call that hangs holds up the end.
  closers.push(() => stopping.abort());
  logger.info("anchor service started", {
    contract: contract.address,
    signs: own?.address,
    ...listening,
  });
  return listening;
}

/** The validator's key, where the service has one, and whom it takes for the consortium. */
function ownPart(
  config: AnchorConfig,
  chain: { genesis: Genesis; crypto: Crypto; headers: ValidatorHeaders },
): {
  key: SigningKey | undefined;
  validators: () => Promise<readonly string[] | undefined>;
} {
  const fixed = config.validators.length === 0 ? undefined : sortedSet(config.validators);
  return {
    key: config.key === "" ? undefined : loadAnchorKey(config.key, passphraseIn(config)),
    validators: async () => fixed ?? registeredAddresses(chain),
  };
}

/** Waits for an endpoint that does not answer yet: processes start in any order. */
async function once<T>(
  ask: () => Promise<T>,
  { poll_ms }: AnchorConfig,
  { clock, logger }: AnchorPorts,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (thrown) {
      if (faultOf(thrown).code !== "EVM_UNREACHABLE") throw thrown;
      if (tries === 0) logger.warn("waiting for the Ethereum chain", faultOf(thrown));
      await new Promise<void>((resolve) => void clock.after(poll_ms, resolve));
    }
  }
}

interface SendingParts {
  readonly config: AnchorConfig;
  readonly ports: AnchorPorts;
  readonly closers: (() => void | Promise<void>)[];
  readonly endpoint: EvmEndpoint;
  readonly contract: AnchorContract;
  readonly place: AnchorPlace;
  readonly headers: ValidatorHeaders;
  readonly validators: () => Promise<readonly string[] | undefined>;
  readonly own: AnchorSigner | undefined;
  readonly identity: TlsIdentity | undefined;
}

async function sending(parts: SendingParts): Promise<AnchorService> {
  const { config, ports, closers, endpoint, place, identity, own } = parts;
  mkdirSync(config.dataDir, { recursive: true });
  const sender = await TransactionSender.open({
    endpoint,
    evmChainId: place.evmChainId,
    key: loadAnchorKey(config.senderKey, passphraseIn(config)),
    journalPath: join(config.dataDir, "transactions.seg"),
    clock: ports.clock,
    logger: ports.logger,
    confirmations: config.confirmations,
    bumpAfter_ms: config.bumpAfter_ms,
    feeLimit: BigInt(Math.round(config.feeMax * gwei)),
  });
  closers.push(() => sender.close());
  const remote = config.signers.map((text) => new RemoteSigner({ ...signerOf(text), identity }));
  closers.push(() => {
    for (const one of remote) one.close();
  });
  const { contract, headers, validators } = parts;
  const { interval_ms, poll_ms } = config;
  const service = new AnchorService({
    ...ports,
    contract,
    place,
    sender,
    signers: own === undefined ? remote : [own, ...remote],
    headers,
    validators,
    interval_ms,
    poll_ms,
  });
  closers.push(() => service.stop());
  return service;
}

/** The contract must be this consortium's: signatures for another would count nowhere. */
async function placeOf(o: {
  endpoint: EvmEndpoint;
  contract: AnchorContract;
  genesis: Genesis;
}): Promise<AnchorPlace> {
  const evmChainId = await o.endpoint.chainId();
  const chain = `0x${toHex(o.genesis.chainId)}`;
  const anchored = await o.contract.chain();
  if (anchored === chain) return { evmChainId, contract: o.contract.address, chain };
  throw new CodedError({
    code: "CONTRACT_OTHER_CHAIN",
    message: `${o.contract.address} holds anchors of chain ${anchored}, the genesis file is of ${chain}`,
    remedy: "name the contract of this consortium, or deploy one with voltfog anchor deploy",
  });
}

function refuseOpenPort(config: AnchorConfig, identity: TlsIdentity | undefined): void {
  if (identity !== undefined || loopback.test(config.host)) return;
  throw new CodedError({
    code: "NOT_LOOPBACK",
    message: `without certificates this service does not listen on ${config.host}`,
    remedy: "name tlsAuthority, tlsCertificate and tlsKey, or leave host at 127.0.0.1",
  });
}

function signerOf(text: string): { name: string; url: string } {
  const match = /^([a-z][a-z0-9-]{0,31})=(https?:\/\/\S+)$/.exec(text);
  const [, name, url] = match ?? [];
  if (name !== undefined && url !== undefined) return { name, url };
  throw new CodedError({
    code: "SIGNERS_INVALID",
    message: `${JSON.stringify(text)} names no signer`,
    remedy: "write name=https://host:port",
  });
}

function passphraseIn(config: AnchorConfig): string | undefined {
  if (config.keyPassphrase === "") return undefined;
  return readFileSync(config.keyPassphrase, "utf8").replace(/\r?\n$/, "");
}

function loadGenesis(path: string, crypto: Crypto): Genesis {
  let detail: string;
  try {
    const parsed = parseGenesis(new Uint8Array(readFileSync(path)), crypto);
    if (parsed.ok) return parsed.value;
    detail = parsed.problem.detail;
  } catch (thrown) {
    detail = messageOf(thrown);
  }
  throw new CodedError({
    code: "GENESIS_INVALID",
    message: `${path}: ${detail}`,
    remedy: "name the consortium's genesis file",
  });
}
