#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { runCommandLine } from "./command-line.ts";

process.exitCode = await runCommandLine({
  arguments: process.argv.slice(2),
  self: [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)],
  environment: process.env,
});
