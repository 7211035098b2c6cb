import type { TreeHead } from "@voltfog/ledger";
import { type Clock, concatBytes, fromHex, type Logger, toHex } from "@voltfog/runtime";
import type { SigningKey } from "ethers";
import { getAddress } from "ethers";
import { refusalText } from "./anchor-contract.ts";
import { artefactOf, type ContractName } from "./artefacts.ts";
import { EvmEndpoint } from "./evm-endpoint.ts";
import { TransactionSender } from "./transaction-sender.ts";

export interface UnitLedgerOptions {
  readonly url: string;
  readonly logRegistry: string;
  readonly eventRegistry: string;
  readonly key: SigningKey;
  readonly journalPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly confirmations: number;
  readonly bumpAfter_ms: number;
  readonly feeLimit: bigint;
}

/** Where one log and some events are on the Ethereum chain. */
export interface UnitLedgerView {
  /** Newest block. */
  readonly height: number;
  /** As the newest block has it: what the next checkpoint must extend. undefined before the first. */
  readonly newest: TreeHead | undefined;
  /** As deep as was asked. */
  readonly finalSize: number;
  /** Block of each event that is as deep as was asked, by its id in hex. */
  readonly final: ReadonlyMap<string, number>;
  /** Ids that the newest block has. */
  readonly recorded: ReadonlySet<string>;
  /** A transaction is on its way; nothing else can be handed in. */
  readonly isWaiting: boolean;
}

/** An Ethereum chain as a unit's only ledger: LogRegistry for its log, EventRegistry for its events. */
export class UnitLedger {
  readonly #options: UnitLedgerOptions;
  readonly #endpoint: EvmEndpoint;
  readonly #sender: TransactionSender;

  private constructor(
    options: UnitLedgerOptions,
    endpoint: EvmEndpoint,
    sender: TransactionSender,
  ) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.#sender = sender;
  }

  /** `evmChainId` is asked of the endpoint once, so the chain must be there. Throws EVM_UNREACHABLE. */
  static async open(options: UnitLedgerOptions): Promise<UnitLedger> {
    const { url, logRegistry, eventRegistry } = options;
    const endpoint = new EvmEndpoint({ url });
    const sender = await TransactionSender.open({
      ...options,
      endpoint,
      evmChainId: await endpoint.chainId(),
    });
    const addresses = {
      logRegistry: getAddress(logRegistry),
      eventRegistry: getAddress(eventRegistry),
    };
    return new UnitLedger({ ...options, ...addresses }, endpoint, sender);
  }

  /** The account under which the log and the events stand. */
  get address(): string {
    return this.#sender.address;
  }

  /** Follows what was sent, then reads. Throws EVM_UNREACHABLE. */
  async look(asked: { logId: Uint8Array; eventIds: readonly string[] }): Promise<UnitLedgerView> {
    for (const { id, outcome } of await this.#sender.step()) {
      const { logger } = this.#options;
      if (outcome === "final") logger.debug("transaction final", { id });
      else logger.warn("transaction lost", { id, outcome });
    }
    const height = (await this.#endpoint.block("latest"))?.number ?? 0;
    const deep = height - this.#options.confirmations + 1;
    const newest = await this.#headOf(asked.logId, height);
    const final = new Map<string, number>();
    const recorded = new Set<string>();
    for (const id of asked.eventIds) {
      const block = await this.#recordedAt(id, height);
      if (block === undefined) continue;
      recorded.add(id);
      if (block <= deep) final.set(id, block);
    }
    return {
      height,
      newest,
      finalSize: deep < 0 ? 0 : ((await this.#headOf(asked.logId, deep))?.size ?? 0),
      final,
      recorded,
      isWaiting: this.#sender.isWaiting,
    };
  }

  /** False where it was not taken: another is on its way, or the contract refuses it as things are. */
  submit(o: { logId: Uint8Array; to: TreeHead; path: readonly Uint8Array[] }): Promise<boolean> {
    const { logId, to, path } = o;
    const args = [hex(logId), to.size, hex(to.root), path.map(hex)];
    const data = artefactOf("LogRegistry").abi.encodeFunctionData("submit", args);
    const id = `checkpoint/${toHex(logId)}/${to.size}`;
    return this.#send("LogRegistry", { id, to: this.#options.logRegistry, data });
  }

  /** 1 to 64 events with their 55 bytes each, all or none. */
  record(events: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    const payload = concatBytes(...events.values());
    const data = artefactOf("EventRegistry").abi.encodeFunctionData("record", [hex(payload)]);
    const id = `events/${[...events.keys()][0]}/${events.size}`;
    return this.#send("EventRegistry", { id, to: this.#options.eventRegistry, data });
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  async #send(
    contract: ContractName,
    matter: { id: string; to: string; data: string },
  ): Promise<boolean> {
    const sent = await this.#sender.send(matter);
    if (sent.ok) return true;
    const { code, detail, data } = sent.problem;
    if (code === "WOULD_REVERT") {
      const reason = refusalText(contract, { detail, data });
      this.#options.logger.warn("transaction refused", { id: matter.id, reason });
    }
    return false;
  }

  async #headOf(logId: Uint8Array, block: number): Promise<TreeHead | undefined> {
    const args = [this.address, hex(logId)];
    const head = await this.#view("LogRegistry", "head", args, block);
    if (head === undefined) return undefined;
    const size = Number(head[0]);
    return size === 0
      ? undefined
      : { size, root: fromHex(String(head[1]).slice(2)) ?? new Uint8Array() };
  }

  async #recordedAt(id: string, block: number): Promise<number | undefined> {
    const found = await this.#view("EventRegistry", "recordedAt", [this.address, `0x${id}`], block);
    const at = Number(found?.[0] ?? 0);
    return at === 0 ? undefined : at;
  }

  /** undefined in blocks from before the contract. */
  async #view(
    contract: "LogRegistry" | "EventRegistry",
    method: string,
    args: readonly unknown[],
    block: number,
  ): Promise<readonly unknown[] | undefined> {
    const { abi } = artefactOf(contract);
    const to = contract === "LogRegistry" ? this.#options.logRegistry : this.#options.eventRegistry;
    const data = abi.encodeFunctionData(method, args);
    const answer = await this.#endpoint.call({ to, data }, block);
    if (!answer.ok || answer.value === "0x") return undefined;
    return abi.decodeFunctionResult(method, answer.value);
  }
}

function hex(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}
