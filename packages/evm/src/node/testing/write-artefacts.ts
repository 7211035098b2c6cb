import { mkdirSync, writeFileSync } from "node:fs";
import { artefactsFolder, compileContracts } from "./compile-contracts.ts";

// `npm run contracts`: compiles contracts/src and replaces contracts/artefacts.
mkdirSync(artefactsFolder, { recursive: true });
for (const [name, text] of compileContracts()) writeFileSync(new URL(name, artefactsFolder), text);
