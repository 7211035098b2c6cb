import { existsSync } from "node:fs";
import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";

/** Which contracts of a consortium are where; voltfog anchor deploy writes it, all other commands read it. */
export interface Deployment {
  readonly evmChainId: string;
  /** The consortium's chain id, hex with 0x. */
  readonly chain: string;
  readonly contracts: Readonly<Record<string, string>>;
}

const addressPattern = /^0x[0-9a-fA-F]{40}$/;

/** FILE_UNREADABLE, FILE_MALFORMED. */
export function readDeployment(path: string): Deployment {
  const { evmChainId, chain, contracts } = readJsonObject(path);
  const isGood =
    typeof evmChainId === "string" &&
    typeof chain === "string" &&
    typeof contracts === "object" &&
    contracts !== null &&
    Object.values(contracts).every((one) => typeof one === "string" && addressPattern.test(one));
  if (isGood) return { evmChainId, chain, contracts: contracts as Record<string, string> };
  throw complaint({
    code: "FILE_MALFORMED",
    what: `${path} does not say which contracts are where`,
    remedy: "name the file that voltfog anchor deploy wrote",
  });
}

/** What an earlier run has deployed for this consortium on this chain; nothing where there is no file. */
export function earlierContracts(
  path: string,
  wanted: Omit<Deployment, "contracts">,
): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  const { evmChainId, chain, contracts } = readDeployment(path);
  if (evmChainId === wanted.evmChainId && chain === wanted.chain) return contracts;
  throw complaint({
    code: "DEPLOYMENT_EXISTS",
    what: `${path} is of another consortium or another Ethereum chain`,
    remedy: "name another file with --out",
  });
}

export function writeDeployment(path: string, deployment: Deployment): void {
  replaceFileSync(path, Buffer.from(`${JSON.stringify(deployment, null, 2)}\n`));
}

/** CONTRACT_MISSING where it was not deployed. */
export function contractIn(deployment: Deployment, name: string): string {
  const address = deployment.contracts[name];
  if (address !== undefined) return address;
  throw complaint({
    code: "CONTRACT_MISSING",
    what: `no ${name} was deployed`,
    remedy: "run voltfog anchor deploy again with the same --out",
  });
}
