import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";
import { freePort } from "@voltfog/runtime/node";
import { HDNodeWallet, Mnemonic, type SigningKey } from "ethers";

/** The binary in the platform's package; undefined where this platform has none. */
export function anvilBinary(): string | undefined {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  try {
    const require = createRequire(import.meta.url);
    const path = require.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Keys that anvil gives ether to, by their place. */
export function fundedKey(place: number): SigningKey {
  const words = "test test test test test test test test test test test junk";
  const wallet = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(words), `m/44'/60'/0'/0/${place}`);
  return wallet.signingKey;
}

/** A real Ethereum node on a free loopback port, which makes blocks by the clock. For tests. */
export class AnvilNode {
  readonly url: string;
  readonly #port: number;
  readonly #options: AnvilOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, options: AnvilOptions) {
    this.#port = port;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: AnvilOptions = {}): Promise<AnvilNode> {
    const node = new AnvilNode(await freePort(), options);
    await node.resume();
    return node;
  }

  /** Starts it again, with the state that it last kept where it keeps one. */
  async resume(): Promise<void> {
    const binary = anvilBinary();
    if (binary === undefined) throw new Error("anvil has no binary for this platform");
    const { blockTime_s = 1, state } = this.#options;
    const flags = ["--port", `${this.#port}`, "--silent", "--chain-id", "31337"];
    // No block until one is asked for, where the block time is 0.
    if (blockTime_s === 0) flags.push("--no-mining");
    else flags.push("--block-time", `${blockTime_s}`);
    // Written when it is stopped, not when it is killed: then it comes back as it was before.
    if (state !== undefined) flags.push("--state", state, "--state-interval", "3600");
    const child = spawn(binary, flags, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr?.on("data", (part: Buffer) => {
      complaint = `${complaint}${part}`.slice(-2000);
    });
    this.#process = child;
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`anvil ended: ${complaint}`);
      if (await this.#answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("anvil does not answer");
  }

  /** Keeps the state as it is now: what comes after is lost with a kill. Needs `state`. */
  async keep(): Promise<void> {
    const { state } = this.#options;
    if (state === undefined) throw new Error("this node keeps no state");
    const dumped = await this.ask<string>("anvil_dumpState");
    writeFileSync(state, gunzipSync(Buffer.from(dumped.slice(2), "hex")));
  }

  /** As a power cut would: nothing is written on the way. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async ask<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const answer = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await answer.json()) as { result: T; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async mine(blocks: number = 1): Promise<void> {
    await this.ask("anvil_mine", [`0x${blocks.toString(16)}`]);
  }

  async #answers(): Promise<boolean> {
    try {
      await this.ask("eth_chainId");
      return true;
    } catch {
      return false;
    }
  }
}

interface AnvilOptions {
  /** 1 unless told; 0: blocks only when asked for. */
  readonly blockTime_s?: number;
  /** File that keeps the state over a restart. */
  readonly state?: string;
}
