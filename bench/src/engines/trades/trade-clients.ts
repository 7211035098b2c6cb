import { systemClock as clock } from "@voltfog/runtime/node";
import type { Order } from "../../market/market-people.ts";
import { arrival, nominations, towns } from "../../market/market-preparations.ts";
import { OrderSigner } from "../../market/order-signer.ts";
import type { Neighbours } from "../../market/trading-load.ts";
import { ClientLog } from "./client-log.ts";
import { type Client, runAtRate, runClosed } from "./client-loops.ts";
import type { ClientLoad, ClientRequest, ClientRun, Until } from "./client-messages.ts";
import { DoorLinks } from "./door-links.ts";
import { ListScript } from "./list-script.ts";
import { PairScript, signedBy } from "./pair-script.ts";
import { tradePair } from "./trade-pairs.ts";

/** Clients are answered no more often, all together: as much is signed beforehand, up to so many for each. */
const rateMax_Hz = 6000;
const readyMax = 60;

/** Preparations at once: blocks of many signatures outlast a round's timer on a busy machine. */
const preparationsMax = 200;

type Opening = Extract<ClientRequest, { kind: "open" }>;

/** All clients of a consortium: pairs of vehicles, and the authority that opens accounts for them. */
export class TradeClients {
  readonly #links: DoorLinks;
  readonly #opening: Opening;
  readonly #signer: OrderSigner;
  readonly #pairs: readonly Neighbours[];
  readonly #scripts: readonly PairScript[];

  private constructor(links: DoorLinks, opening: Opening) {
    const { chainId } = opening;
    this.#links = links;
    this.#opening = opening;
    this.#signer = new OrderSigner(chainId);
    this.#pairs = Array.from({ length: opening.pairs }, (_, i) => tradePair(i));
    const signer = this.#signer;
    this.#scripts = this.#pairs.map((pair) => new PairScript({ pair, signer, chainId, clock }));
  }

  static async open(opening: Opening): Promise<TradeClients> {
    return new TradeClients(await DoorLinks.open(opening), opening);
  }

  /** Opens everybody's account and links their vehicles; gives how many transactions that took. */
  async settleIn(): Promise<number> {
    const { chainId, ports } = this.#opening;
    const stages = [nominations(ports.length), ...arrival({ chainId, neighbours: this.#pairs })];
    for (const stage of stages) {
      for (let at = 0; at < stage.length; at += preparationsMax) {
        await this.#sendAll(stage.slice(at, at + preparationsMax));
      }
    }
    return stages.flat().length;
  }

  /** The meeting points that the pairs need, after other lists. */
  setTowns(): Promise<void> {
    return this.#sendAll([towns(this.#pairs)]);
  }

  runClosed(load: ClientLoad, until: Until): Promise<ClientRun> {
    const clients = this.#clientsOf(load);
    const { for_ms, operations } = until;
    const each = Math.min(
      Math.ceil(operations / clients.length),
      readyMax,
      Math.ceil((for_ms * rateMax_Hz) / 1000 / clients.length),
    );
    for (const { script } of clients) script.prepare(each);
    return runClosed({ links: this.#links, clock, clients, until });
  }

  runAtRate(o: { clients: number; rate_Hz: number; for_ms: number }): Promise<ClientRun> {
    const clients = this.#clientsOf({ kind: "trades", clients: o.clients });
    const each = Math.ceil((1.2 * o.rate_Hz * o.for_ms) / 1000 / clients.length);
    for (const { script } of clients) script.prepare(each);
    return runAtRate({ ...o, links: this.#links, clock, clients });
  }

  #clientsOf(load: ClientLoad): Client[] {
    const doors = this.#opening.ports.length;
    if (load.kind === "trades") {
      const scripts = this.#scripts.slice(0, load.clients);
      return scripts.map((script, i) => ({ script, door: i % doors }));
    }
    // One key's numbers must reach a validator in their order.
    const script = new ListScript({ signer: this.#signer, payload_bytes: load.payload_bytes });
    return Array.from({ length: load.clients }, () => ({ script, door: 0 }));
  }

  /** Resolves when all of them are done; anything else is a mistake of the bench. */
  async #sendAll(orders: readonly Order[]): Promise<void> {
    const log = new ClientLog({ links: this.#links, clock });
    const { start_ms: intended_ms } = log;
    for (const order of orders) {
      const signed = signedBy(this.#signer, order);
      log.send({ signed, door: 0, intended_ms, answered: () => {} });
    }
    const { refused, turnedAway, missing } = await log.run(intended_ms);
    if (refused + turnedAway + missing === 0) return;
    throw new Error(
      `of ${orders.length} preparations ${refused} were refused, ${turnedAway} turned away, ${missing} not answered`,
    );
  }
}
