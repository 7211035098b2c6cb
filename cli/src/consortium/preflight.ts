import { engineOf, type Genesis, parseGenesis, quorumOf } from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import {
  loadTlsIdentity,
  nodeCrypto,
  readPassphrase,
  readSealedKey,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { checkClock } from "../doctor/check-clock.ts";
import { checkNode, checkSpace, checkWriting } from "../doctor/check-machine.ts";
import { type Findings, type Verdict, verdictsOf } from "../doctor/verdict.ts";
import { portsTaken } from "../site/site-ports.ts";
import { certificateDays } from "./certificate-days.ts";
import {
  type NodePaths,
  readBootstrap,
  readNodeConfig,
  readNodeGenesis,
  readNodeSettings,
} from "./node-folder.ts";
import { reachPeer } from "./reach-peer.ts";

export interface PreflightOptions {
  readonly paths: NodePaths;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const renewBefore_d = 30;

/**
 * Everything that a node needs before it joins, in the order in which faults would show: machine, folder,
 * keys, certificates, ports, clock, peers. Changes nothing and sends nothing but TLS handshakes.
 */
export async function preflight(options: PreflightOptions): Promise<readonly Verdict[]> {
  const { paths, clock } = options;
  const verdicts: Verdict[] = [];
  const check = async (
    name: string,
    examine: (findings: Findings) => void | Promise<void>,
  ): Promise<void> => {
    verdicts.push(...(await verdictsOf(name, examine)));
  };
  await check("version", (findings) => checkNode(findings));
  await check("disk space", (findings) => checkSpace(findings, paths.root));
  await check("disk write", (findings) => checkWriting(findings, { folder: paths.root, clock }));
  await check("folder", (findings) => checkFolder(findings, options));
  await check("keystore", (findings) => checkKeystore(findings, options));
  await check("certificates", (findings) => checkChain(findings, options));
  await check("ports", (findings) => checkOwnPorts(findings, options));
  const genesis = genesisOf(paths);
  const passed =
    genesis === undefined
      ? []
      : [{ what: `chain ${genesis.chain} was made`, at_ms: genesis.created_ms }];
  await check("clock", (findings) => checkClock(findings, { clock, passed }));
  await check("peers", (findings) => checkPeers(findings, options, genesis));
  return verdicts;
}

function genesisOf(paths: NodePaths): Genesis | undefined {
  try {
    const parsed = parseGenesis(readNodeGenesis(paths), nodeCrypto);
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined; // The check of the folder says so.
  }
}

function checkFolder(findings: Findings, { paths, environment }: PreflightOptions): void {
  const { id, organisation, endpoint } = readNodeSettings(paths);
  const config = readNodeConfig(paths, environment);
  const parsed = parseGenesis(readNodeGenesis(paths), nodeCrypto);
  if (!parsed.ok) {
    findings.fail(`genesis.json: ${parsed.problem.detail}`, "copy it from the consortium file");
    return;
  }
  findings.ok(`${id} of ${organisation}, chain ${parsed.value.chain}`);
  const port = Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
  if (port !== config.p2pPort) {
    findings.warn(
      `the others are told port ${port}, and this node listens on ${config.p2pPort}`,
      "let your router forward the one to the other, or correct config.json",
    );
  }
  if (isLoopback(config.host) && !isLoopback(endpoint.slice(0, endpoint.lastIndexOf(":")))) {
    findings.fail(
      `host ${config.host} hears this machine alone, but the others are told ${endpoint}`,
      'set "host" in config.json to the address of the network card, or to 0.0.0.0',
    );
  }
}

function checkKeystore(findings: Findings, { paths, environment }: PreflightOptions): void {
  const { passphraseFile } = readNodeConfig(paths, environment);
  const passphrase = readPassphrase({ file: passphraseFile, environment });
  for (const path of [paths.voteKey, paths.anchorKey]) readSealedKey(path, passphrase);
  findings.ok("vote key and anchor key open with the passphrase");
}

function identityOf({ paths, environment }: PreflightOptions): TlsIdentity {
  return loadTlsIdentity(readNodeConfig(paths, environment));
}

function checkChain(findings: Findings, options: PreflightOptions): void {
  identityOf(options);
  const { paths, clock } = options;
  const { id, organisation } = readNodeSettings(paths);
  for (const path of [paths.certificate, paths.agency, paths.authority]) {
    const days = certificateDays(path, clock.wall_ms());
    if (days.left <= 0 || days.since < 0) {
      findings.fail(`${path} does not hold now`, "have it made anew by the agency");
    } else if (days.left < renewBefore_d) {
      findings.warn(`${path} ends in ${days.left} days`, "have it made anew by the agency");
    }
  }
  const named = certificateDays(paths.certificate, clock.wall_ms()).subject;
  if (named.includes(`CN=${id}`) && named.includes(`O=${organisation}`)) {
    findings.ok(`consortium → agency of ${organisation} → ${id}`);
  } else {
    findings.fail(
      `node.crt is not for ${id} of ${organisation}`,
      "copy the right certificate into the node's folder",
    );
  }
}

async function checkOwnPorts(findings: Findings, options: PreflightOptions): Promise<void> {
  const { p2pPort, backbonePort, httpPort } = readNodeConfig(options.paths, options.environment);
  const ports = [p2pPort, httpPort, backbonePort];
  const taken = await portsTaken(ports);
  if (taken.length === 0) findings.ok(`${ports.join(", ")} are free`);
  else if (taken.length === ports.length) {
    findings.warn("all ports are taken", "nothing where this node runs already; else change them");
  } else {
    findings.fail(`port ${taken.join(", ")} is taken`, "stop what has it, or change config.json");
  }
}

/** As many must be reachable as a newcomer needs for blocks: one; for votes: a quorum. */
async function checkPeers(
  findings: Findings,
  options: PreflightOptions,
  genesis: Genesis | undefined,
): Promise<void> {
  const { paths } = options;
  const identity = identityOf(options);
  const { id: own } = readNodeSettings(paths);
  const peers = readBootstrap(paths).filter((peer) => !peer.startsWith(`${own}@`));
  const answers = await Promise.all(peers.map((peer) => reachPeer(peer, identity)));
  const results = answers.map(({ problem }) => problem);
  const reached = results.filter((problem) => problem === undefined).length;
  for (const [at, problem] of results.entries()) {
    if (problem === undefined) continue;
    findings.warn(`${peers[at]}: ${problem}`, "open the port in both firewalls; see --ports");
  }
  const needed =
    genesis === undefined ? 1 : quorumOf(engineOf(genesis), genesis.validators.length) - 1;
  if (reached === 0) {
    findings.fail(
      "no other validator can be reached",
      "see the lines above, and bootstrapnodes.json",
    );
  } else if (reached < needed) {
    findings.warn(
      `${reached} of ${peers.length} reached; a quorum needs ${needed} others`,
      "ask why",
    );
  } else {
    findings.ok(`${reached} of ${peers.length} reached, certificates good at both ends`);
  }
}

function isLoopback(host: string): boolean {
  return /^(127\.|localhost$|\[?::1\]?$)/.test(host);
}
