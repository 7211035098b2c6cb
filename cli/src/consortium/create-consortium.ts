import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { defaultEngine, type EngineChoice, encodeGenesis, parseGenesis } from "@voltfog/ledger";
import { assert } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { nodeCrypto, replaceFileSync, signerOf } from "@voltfog/runtime/node";
import { requireVoters, writtenEngine } from "../site/engine-flag.ts";
import { type ConsortiumPaths, writeConsortiumFile } from "./consortium-folder.ts";
import { certifyNode, pemOf, requireEmpty } from "./create-node.ts";
import { nodePaths, writeNodeFolder } from "./node-folder.ts";
import { createNodeKeys } from "./node-keys.ts";
import { nodePorts } from "./port-table.ts";

/** A founding organisation and how many validators it runs. */
export interface Founder {
  readonly id: string;
  readonly name: string;
  readonly validators: number;
}

export interface FoundingPlan {
  readonly chain: string;
  readonly founders: readonly Founder[];
  readonly host: string;
  /** Ports of node k are the ten above basePort + 10 k. */
  readonly basePort: number;
  readonly blockInterval_ms: number;
  /** What decides blocks; poa unless told. */
  readonly engine?: EngineChoice | undefined;
  readonly passphrase: string;
  /** As the nodes' config.json names it. */
  readonly passphraseFile: string;
  readonly now_ms: number;
}

/** What was made: the nodes' folders in the order of the genesis file. */
export interface Founded {
  readonly chainId: Uint8Array;
  readonly nodes: readonly { readonly id: string; readonly folder: string }[];
}

/**
 * Founds a consortium in one folder: authority, an agency for each organisation, a node for each
 * validator, the genesis file and the file for joiners. NODE_EXISTS where the folder is not empty,
 * ENGINE_VALIDATORS where the founders have too few validators for the engine.
 */
export async function createConsortium(
  paths: ConsortiumPaths,
  plan: FoundingPlan,
): Promise<Founded> {
  const seats = plan.founders.reduce((sum, { validators }) => sum + validators, 0);
  requireEmpty(paths.root);
  requireVoters(plan.engine ?? defaultEngine, seats);
  const { now_ms } = plan;
  const authority = await CertificateAuthority.create({ name: plan.chain, now_ms, agencies: true });
  replaceFileSync(paths.authorityKey, authority.key, { mode: 0o600 });
  replaceFileSync(paths.authority, authority.certificate);
  const agencies = new Map<string, CertificateAuthority>();
  for (const { id } of plan.founders) {
    agencies.set(id, await createAgency({ paths, authority, organisation: id, now_ms }));
  }
  const nodes = seatsOf(plan, paths).map((seat) => ({
    ...seat,
    keys: createNodeKeys(nodePaths(seat.folder), plan.passphrase),
  }));
  const bytes = encodeGenesis({
    chain: plan.chain,
    created_ms: now_ms,
    blockInterval_ms: plan.blockInterval_ms,
    emptyBlockInterval_ms: 10 * plan.blockInterval_ms,
    engine: writtenEngine(plan.engine),
    organisations: plan.founders.map(({ id, name }) => ({ id, name })),
    validators: nodes.map(({ id, organisation, keys }) => ({
      id,
      organisation,
      voteKey: signerOf(keys.vote).publicKey,
    })),
    units: [],
    vehicles: [],
  });
  const genesis = parseGenesis(bytes, nodeCrypto);
  assert(genesis.ok, "what was encoded parses");
  const bootstrap = nodes.map(({ id, endpoint }) => `${id}@${endpoint}`);
  for (const { id, organisation, endpoint, folder, ports } of nodes) {
    const agency = agencies.get(organisation);
    assert(agency !== undefined, "every founder has an agency");
    const hosts = [plan.host];
    const { certificate, key } = await certifyNode({ agency, id, organisation, hosts, now_ms });
    writeNodeFolder(nodePaths(folder), {
      ...{ id, organisation, endpoint, ports, certificate, tlsKey: key },
      host: plan.host,
      passphraseFile: plan.passphraseFile,
      genesis: bytes,
      authority: authority.certificate,
      agency: agency.certificate,
      bootstrap: bootstrap.filter((one) => !one.startsWith(`${id}@`)),
    });
  }
  // Last, so that a folder with it is whole.
  writeConsortiumFile(paths.public, {
    genesis: genesis.value,
    authority: authority.certificate,
    bootstrap,
  });
  return {
    chainId: genesis.value.chainId,
    nodes: nodes.map(({ id, folder }) => ({ id, folder })),
  };
}

/** An organisation's agency under the consortium's authority, in agencies/<organisation>. */
async function createAgency(options: {
  paths: ConsortiumPaths;
  authority: CertificateAuthority;
  organisation: string;
  now_ms: number;
}): Promise<CertificateAuthority> {
  const { paths, authority, organisation, now_ms } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = pemOf(privateKey);
  const certificate = await authority.issueAgency({ organisation, publicKey }, { now_ms });
  const folder = join(paths.agencies, organisation);
  replaceFileSync(join(folder, "agency.key"), key, { mode: 0o600 });
  replaceFileSync(join(folder, "agency.crt"), certificate);
  return CertificateAuthority.open({ certificate, key });
}

function seatsOf(
  plan: FoundingPlan,
  paths: ConsortiumPaths,
): readonly {
  id: string;
  organisation: string;
  endpoint: string;
  folder: string;
  ports: ReturnType<typeof nodePorts>;
}[] {
  const owners = plan.founders.flatMap(({ id, validators }) =>
    Array.from({ length: validators }, () => id),
  );
  return owners.map((organisation, at) => {
    const id = `validator-${at + 1}`;
    const ports = nodePorts(plan.basePort + 10 * at);
    const endpoint = `${plan.host}:${ports.p2p}`;
    return { id, organisation, endpoint, ports, folder: join(paths.nodes, id) };
  });
}
