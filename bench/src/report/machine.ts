import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import type { Machine } from "@voltfog/runtime";

/** This machine, without anything that names it. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memory_MB: Math.round(totalmem() / 2 ** 20),
    os: [distribution(), `${type()} ${release()}`].filter(Boolean).join(", "),
    node: process.version,
  };
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
  } catch {
    return ""; // No Linux.
  }
}
