import { spawn } from "node:child_process";
import { CodedError, faultOf, type Logger } from "@voltfog/runtime";
import type { Shortfall, TrafficDriver } from "../traffic-driver.ts";
import type { RuleSource } from "../traffic-rules.ts";
import { nftRules } from "./nft-rules.ts";

const limit_ms = 5000;
const saidMax = 500;

/**
 * Denied and quarantined addresses in the kernel's packet filter, so that a flood of connections from them
 * costs this process nothing. A table of the unit's own, gone when the unit stops.
 */
export class NftDriver implements TrafficDriver {
  readonly name = "nft";
  readonly #table: string;
  readonly #ports: readonly number[];
  readonly #logger: Logger;
  #fault: Shortfall | undefined;
  #hasLimits = false;

  constructor(options: { unitId: string; ports: readonly number[]; logger: Logger }) {
    this.#table = `voltfog_${options.unitId.replaceAll("-", "_")}`;
    this.#ports = options.ports;
    this.#logger = options.logger;
  }

  async apply(rules: RuleSource): Promise<void> {
    this.#hasLimits = rules.limits.length > 0;
    await this.#load(rules);
  }

  get cannot(): readonly Shortfall[] {
    if (this.#fault !== undefined) return [this.#fault];
    const why = "packets name no vehicle; the broker keeps them";
    return this.#hasLimits ? [{ what: "limits and quarantine by identity", why }] : [];
  }

  async close(): Promise<void> {
    if (this.#fault === undefined) await this.#load({ deny: [], quarantine: [] });
  }

  async #load(rules: Pick<RuleSource, "deny" | "quarantine">): Promise<void> {
    try {
      await runNft(nftRules({ table: this.#table, ports: this.#ports, rules }));
      this.#fault = undefined;
    } catch (thrown) {
      const { reason, code } = faultOf(thrown);
      this.#fault = { what: "denied addresses in the kernel", why: `${code}: ${reason}` };
      this.#logger.warn("no packet filter", { code, reason });
    }
  }
}

/** NFT_MISSING, NFT_REFUSED with what it says. */
function runNft(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("nft", ["-f", "-"], {
      stdio: ["pipe", "ignore", "pipe"],
      timeout: limit_ms,
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < saidMax) said += chunk.toString();
    });
    child.once("error", () => {
      reject(new CodedError({ code: "NFT_MISSING", message: "nft is not on this machine" }));
    });
    child.once("exit", (code) => {
      if (code === 0) return resolve();
      const message = said.slice(0, saidMax).trim() || `nft ended with ${code}`;
      reject(new CodedError({ code: "NFT_REFUSED", message }));
    });
    child.stdin.on("error", () => {}); // Whoever ends before it has read all says why on its exit.
    child.stdin.end(script);
  });
}
