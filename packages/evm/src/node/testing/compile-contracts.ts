import { readdirSync, readFileSync } from "node:fs";
import solc from "solc";

const folder = new URL("../../../../../contracts/", import.meta.url);

/**
 * Paris has no instruction that an older consortium chain lacks (PUSH0 came after it). Without metadata
 * the code depends on source and compiler alone, not on names of files or comments.
 */
const settings = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 1000 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
} as const;

interface Compiled {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

interface CompiledContract {
  readonly abi: readonly { readonly type: string; readonly name?: string }[];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
  };
}

/** Text of each artefact file by its name; the same bytes from the same sources. Throws what solc says, warnings too. */
export function compileContracts(): ReadonlyMap<string, string> {
  const names = readdirSync(new URL("src/", folder)).sort();
  const sources = Object.fromEntries(
    names.map((name) => [name, { content: readFileSync(new URL(`src/${name}`, folder), "utf8") }]),
  );
  const input = { language: "Solidity", sources, settings };
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path) => ({ error: `${path} is not there` }) }),
  ) as Compiled;
  const { errors = [] } = output;
  if (errors.length > 0) throw new Error(errors.map((one) => one.formattedMessage).join("\n"));
  const artefacts = new Map<string, string>();
  for (const contracts of Object.values(output.contracts)) {
    for (const [contract, { abi, evm }] of Object.entries(contracts)) {
      // A library of internal functions is part of its callers and has nothing to deploy.
      if (contract === "MerkleLog") continue;
      const { evmVersion, optimizer, metadata } = settings;
      const artefact = {
        contract,
        compiler: solc.version(),
        settings: { evmVersion, optimizer, metadata },
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
      };
      artefacts.set(`${contract}.json`, `${JSON.stringify(artefact, null, 2)}\n`);
    }
  }
  return artefacts;
}

/** Where the committed artefacts are. */
export const artefactsFolder: URL = new URL("artefacts/", folder);
