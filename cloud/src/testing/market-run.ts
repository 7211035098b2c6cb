import {
  accountAction,
  encodeNomination,
  encodeResult,
  handleHashOf,
  moduleNumber,
  signOpening,
  signTransaction,
} from "@voltfog/ledger";
import { assert, ManualClock, SeededRandom, type Signer, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { MarketBook } from "../market/market-book.ts";
import { MarketDesk } from "../market/market-desk.ts";
import { MarketFollower } from "../market/market-follower.ts";
import type { MarketReading } from "../market/market-reading.ts";
import { MarketViews } from "../market/market-views.ts";
import { Sponsor } from "../market/sponsor.ts";
import { ValidatorRelay } from "../market/validator-relay.ts";
import type { Reply } from "../remote/remote.ts";
import type { TimedResult } from "../store/chain-reader.ts";
import { createSite, FakeChain, type TestSite } from "./fake-chain.ts";
import { fakeRemote } from "./fake-remote.ts";
import { newSigner } from "./test-vehicle.ts";

type Call = { readonly module: number; readonly action: number; readonly payload: Uint8Array };

/** A desk, its lists and a chain of one validator that answers, all in memory. The authority is named. */
export class MarketRun {
  readonly site: TestSite = createSite();
  readonly chain: FakeChain = new FakeChain(this.site);
  readonly authority: Signer = newSigner();
  readonly validator: ReturnType<typeof fakeRemote>;
  readonly desk: MarketDesk;
  readonly views: MarketViews;
  readonly book: MarketBook = new MarketBook();
  readonly #follower: MarketFollower;

  constructor(options: { simulatesDeposits?: boolean; vehicleNames?: Map<string, string> } = {}) {
    const { simulatesDeposits = true, vehicleNames = new Map() } = options;
    this.validator = fakeRemote({ answer: (_path, _json, bytes) => this.#answer(bytes) });
    const { signal } = new AbortController();
    const relay = new ValidatorRelay({ remotes: [this.validator], signal });
    const clock = new ManualClock(1_700_000_000_000);
    const sponsor = new Sponsor({ signer: this.authority, relay, clock });
    const settings = { currency: "EUR", simulatesDeposits, isOpen: true };
    const reading = (): MarketReading => this.reading();
    const random = new SeededRandom(1);
    this.desk = new MarketDesk({ reading, relay, sponsor, settings, crypto, random });
    this.views = new MarketViews({ reading, settings, vehicleNames, crypto });
    this.#follower = this.follower(this.book);
    for (const { signer } of this.site.validators) {
      const payload = encodeNomination(this.authority.publicKey);
      this.send(signer, { ...accounts, action: accountAction.nameAuthority, payload });
    }
  }

  reading(): MarketReading {
    const { chain } = this.chain;
    return { chain, state: chain.state, book: this.book, crypto };
  }

  /** Reads this run's results into a book of its own. */
  follower(book: MarketBook): MarketFollower {
    const results = (): readonly TimedResult[] =>
      this.chain.results.map(({ result, time_ms }, index) => ({
        ...{ height: result.height, index, bytes: encodeResult(result), time_ms },
      }));
    const store = {
      resultsEnd: async () => ({ height: this.chain.height, index: results().length }),
      okResults: async (query: { from: number; to: number }) =>
        results()
          .slice(query.from, query.to)
          .filter((_, at) => this.chain.results[query.from + at]?.result.code === "OK"),
    };
    return new MarketFollower({ store, chain: () => this.chain.chain, book });
  }

  /** A final block with what waits, and the lists after it. */
  async settle(): Promise<void> {
    this.chain.finalise();
    while (this.#follower.height < this.chain.height) await this.#follower.step();
  }

  /** Makes it final at once; its result's code, or the gate's. */
  send(signer: Signer, call: Call): string {
    const { chain } = this.chain;
    const { chainId } = chain.genesis;
    const nonce = chain.nonceOf(signer.publicKey) + 1;
    const taken = this.chain.take(signTransaction({ chainId, ...call, nonce, signer }));
    if (!taken.ok) return taken.problem.code;
    this.chain.finalise();
    return this.chain.results.at(-1)?.result.code ?? "";
  }

  opening(signer: Signer, handle: string): Parameters<MarketDesk["open"]>[0] {
    const { chainId } = this.chain.chain.genesis;
    const handleHash = handleHashOf(handle, crypto);
    const { key, possession } = signOpening({ chainId, handleHash, signer });
    return { key, handle, possession };
  }

  /** Somebody with an account and money. */
  async person(handle: string, amount: number): Promise<Signer> {
    const signer = newSigner();
    const opened = await this.desk.open(this.opening(signer, handle));
    assert(opened.ok, "a new account is taken");
    await this.settle();
    await this.desk.deposit({ key: signer.publicKey, amount, depositId: undefined });
    await this.settle();
    return signer;
  }

  #answer(bytes: Uint8Array | undefined): Reply {
    assert(bytes !== undefined, "a relay sends bytes");
    const taken = this.chain.take(bytes);
    const body = taken.ok
      ? { hash: toHex(taken.value.hash) }
      : { code: taken.problem.code, message: taken.problem.detail };
    return { status: taken.ok ? 202 : 422, body: utf8(JSON.stringify(body)) };
  }
}

const accounts = { module: moduleNumber.accounts };
