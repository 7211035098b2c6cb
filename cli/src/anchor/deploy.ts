import { parseGenesis } from "@voltfog/ledger";
import { silentLogger, toHex } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseNumber, parseWhole } from "../flag-values.ts";
import { readInputFile } from "../input-file.ts";
import { type Deployment, earlierContracts, writeDeployment } from "./deployment-file.ts";
import { passphraseOf } from "./passphrase.ts";

export interface DeployFlags {
  readonly rpc: string;
  readonly genesis: string;
  readonly senderKey: string;
  readonly keyPassphrase?: string;
  readonly validators: string;
  readonly out: string;
  readonly confirmations: string;
  readonly feeMax: string;
  readonly registries?: boolean;
  readonly vault?: string;
  readonly json?: boolean;
}

const gwei = 1e9;

/** Deploys what is missing in --out and writes it there after each contract. */
export async function deploy(flags: DeployFlags, { terminal }: CommandContext): Promise<void> {
  const evm = await import("@voltfog/evm/node");
  const validators = evm.sortedSet(addressesIn(flags.validators));
  if (flags.vault !== undefined) weiIn(flags.vault);
  const genesis = parseGenesis(readInputFile(flags.genesis), nodeCrypto);
  if (!genesis.ok) {
    const what = `${flags.genesis}: ${genesis.problem.detail}`;
    throw complaint({ code: "GENESIS_INVALID", what, remedy: "name the genesis file" });
  }
  const endpoint = new evm.EvmEndpoint({ url: flags.rpc });
  const evmChainId = await endpoint.chainId();
  const chain = `0x${toHex(genesis.value.chainId)}`;
  const identity = { evmChainId: `${evmChainId}`, chain };
  const contracts: Record<string, string> = { ...earlierContracts(flags.out, identity) };
  const sender = await evm.TransactionSender.open({
    endpoint,
    evmChainId,
    key: evm.loadAnchorKey(flags.senderKey, passphraseOf(flags.keyPassphrase)),
    journalPath: `${flags.out}.journal`,
    clock: systemClock,
    logger: silentLogger,
    confirmations: parseWhole({
      flag: "--confirmations",
      text: flags.confirmations,
      min: 1,
      max: 10_000,
    }),
    bumpAfter_ms: 30_000,
    feeLimit: BigInt(
      Math.round(
        gwei * parseNumber({ flag: "--fee-max", text: flags.feeMax, min: 0.001, max: 1e6 }),
      ),
    ),
  });
  try {
    for (const name of wantedContracts(flags)) {
      if (contracts[name] !== undefined) continue;
      terminal.progress(`deploying ${name}`);
      const deployed = await evm.deployContract({
        sender,
        name,
        args: argumentsOf(name, { chain, validators, contracts, vault: flags.vault }),
        clock: systemClock,
        poll_ms: 500,
      });
      contracts[name] = deployed.address;
      writeDeployment(flags.out, { ...identity, contracts });
    }
  } finally {
    terminal.progressDone();
    await sender.close();
  }
  const deployment: Deployment = { ...identity, contracts };
  if (flags.json === true) terminal.print(JSON.stringify(deployment, null, 2));
  else terminal.print(`${textOf(deployment)}\nwritten to ${flags.out}`);
}

type Wanted =
  | "CheckpointAnchor"
  | "RecordVerifier"
  | "LogRegistry"
  | "EventRegistry"
  | "SettlementVault";

function wantedContracts({ registries, vault }: DeployFlags): readonly Wanted[] {
  return [
    "CheckpointAnchor",
    "RecordVerifier",
    ...(registries === true ? (["LogRegistry", "EventRegistry"] as const) : []),
    ...(vault === undefined ? [] : (["SettlementVault"] as const)),
  ];
}

function argumentsOf(
  name: Wanted,
  o: {
    chain: string;
    validators: readonly string[];
    contracts: Readonly<Record<string, string>>;
    vault: string | undefined;
  },
): readonly unknown[] {
  switch (name) {
    case "CheckpointAnchor":
      return [o.chain, o.validators];
    case "RecordVerifier":
      return [o.contracts["CheckpointAnchor"]];
    case "SettlementVault":
      return [o.contracts["RecordVerifier"], weiIn(o.vault ?? "")];
    default:
      return [];
  }
}

/** A whole number of wei, at most a thousand ether: what is above that is a slip of the keyboard. */
function weiIn(text: string): bigint {
  const wei = /^[1-9][0-9]{0,21}$/.test(text) ? BigInt(text) : 0n;
  if (wei > 0n && wei <= 10n ** 21n) return wei;
  throw complaint({
    code: "FLAG_INVALID",
    what: `--vault ${JSON.stringify(text)} is no amount of wei`,
    remedy: "say how many wei one millionth of the market's currency is, as 1000000000000",
  });
}

function textOf({ contracts, evmChainId }: Deployment): string {
  return Object.entries(contracts)
    .map(([name, address]) => `${name} at ${address} on chain ${evmChainId}`)
    .join("\n");
}

function addressesIn(text: string): readonly string[] {
  const addresses = text.split(",").map((one) => one.trim());
  if (addresses.every((one) => /^0x[0-9a-fA-F]{40}$/.test(one))) return addresses;
  throw complaint({
    code: "ADDRESS_INVALID",
    what: `--validators ${JSON.stringify(text)} is no list of addresses`,
    remedy: "write addresses as voltfog anchor key prints them, parted by commas",
  });
}
