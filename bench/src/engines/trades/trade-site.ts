import { join } from "node:path";
import { type EngineChoice, faultyMaxOf } from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import { ConsortiumUnderTest } from "../../consensus/consortium-under-test.ts";
import type { Link } from "../../consensus/delayed-transport.ts";
import { BenchChild } from "../../processes/bench-child.ts";
import type {
  ClientLoad,
  ClientReply,
  ClientRequest,
  ClientRun,
  Until,
} from "./client-messages.ts";
import { tradePair } from "./trade-pairs.ts";

/** The least that a genesis file takes: blocks follow each other as fast as the engine decides. */
export const blockInterval_ms = 10;
const emptyBlockInterval_ms = 200;
const settleLimit_ms = 5000;
const look_ms = 50;

/** A consortium with its clients in a process of their own, everybody's account open. */
export class TradeSite {
  readonly consortium: ConsortiumUnderTest;
  /** Transactions that made the accounts. */
  readonly preparations: number;
  readonly #clients: BenchChild<ClientRequest, ClientReply>;

  private constructor(o: {
    consortium: ConsortiumUnderTest;
    clients: BenchChild<ClientRequest, ClientReply>;
    preparations: number;
  }) {
    this.consortium = o.consortium;
    this.preparations = o.preparations;
    this.#clients = o.clients;
  }

  static async start(o: {
    engine: EngineChoice;
    n: number;
    link: Link;
    pairs: number;
    folder: string;
    clock: Clock;
  }): Promise<TradeSite> {
    const { engine, n, pairs } = o;
    const people = Array.from({ length: pairs }, (_, i) => tradePair(i));
    const vehicles = people.flatMap(({ seller, buyer }) => [seller.vehicle, buyer.vehicle]);
    const vehicleKeys = vehicles.map(({ publicKey }) => publicKey);
    const consortium = await ConsortiumUnderTest.start({
      ...{ n, engine, link: o.link, blockInterval_ms, emptyBlockInterval_ms, vehicleKeys },
      ...{ isDurable: true, hasDoors: true, clock: o.clock, folder: join(o.folder, "site") },
    });
    const clients = new BenchChild<ClientRequest, ClientReply>(
      new URL("./client-process", import.meta.url),
    );
    try {
      const { chainId } = consortium.genesis;
      const replies = faultyMaxOf(engine, n) + 1;
      const opening = { chainId, ...consortium.doors, replies, pairs };
      await clients.ask({ kind: "open", ...opening }, "opened");
      const { operations } = await clients.ask({ kind: "settle-in" }, "settled");
      return new TradeSite({ consortium, clients, preparations: operations });
    } catch (thrown) {
      await Promise.all([clients.stop(), consortium.stop()]);
      throw thrown;
    }
  }

  async runClosed(load: ClientLoad, until: Until): Promise<ClientRun> {
    return (await this.#clients.ask({ kind: "closed", load, until }, "ran")).run;
  }

  async runAtRate(o: { clients: number; rate_Hz: number; for_ms: number }): Promise<ClientRun> {
    return (await this.#clients.ask({ kind: "at-rate", ...o }, "ran")).run;
  }

  async setTowns(): Promise<void> {
    await this.#clients.ask({ kind: "set-towns" }, "settled");
  }

  /** Whether all validators come to one state soon, now that nothing is sent. */
  async settled(): Promise<boolean> {
    for (let waited_ms = 0; waited_ms < settleLimit_ms; waited_ms += look_ms) {
      const { stands } = await this.consortium.collect();
      if (new Set(stands.map(({ stateRoot }) => stateRoot)).size === 1) return true;
      await this.consortium.wait(look_ms);
    }
    return false;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#clients.stop(), this.consortium.stop()]);
  }
}
