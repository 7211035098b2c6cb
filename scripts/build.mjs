#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { writeStamp } from "./build-stamp.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One step of the build: silent when it works, everything it said when it does not. */
function step(name, { args, cwd = root }) {
  const start = performance.now();
  const run = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (run.status === 0) {
    process.stdout.write(`  ${name}: done in ${seconds} s\n`);
    return true;
  }
  process.stdout.write(`${run.stdout}${run.stderr}`);
  process.stderr.write(`  ${name}: FAILED after ${seconds} s\n`);
  return false;
}

/** Compressed copies of what the pages load, which the cloud serves to browsers that take them. */
function compress(folder) {
  for (const name of readdirSync(folder).filter((one) => /\.(?:js|css)$/.test(one))) {
    const bytes = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

/** Compiles the packages and processes, then the web pages. Exit code 1 when either fails. */
function build() {
  const began = new Date();
  const modules = join(root, "node_modules");
  const compiler = join(modules, "@typescript", "native", "bin", "tsc");
  if (!existsSync(compiler)) {
    process.stderr.write("build: packages are missing; run npm ci first\n");
    return 2;
  }
  if (!step("types and code", { args: [compiler, "-b"] })) return 1;
  const web = join(root, "web");
  if (existsSync(join(web, "index.html"))) {
    const vite = join(modules, "vite", "bin", "vite.js");
    const args = [vite, "build", "--logLevel", "warn"];
    if (!step("web pages", { args, cwd: web })) return 1;
    compress(join(web, "dist", "assets"));
  }
  writeStamp(root, began);
  utimesSync(join(root, "cli", "dist", ".built"), began, began);
  return 0;
}

process.exitCode = build();
