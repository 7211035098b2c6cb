import { join } from "node:path";
import { encodeMeterReading, encodeSettlement, moduleNumber, sessionAction } from "@voltfog/ledger";
import { mulDiv, type SignedMeter } from "@voltfog/market";
import type { MarketSessionView } from "@voltfog/messages";
import { fromHex, type Random, type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { plannedChargePoints } from "./demonstration-terms.ts";
import { siteOperators } from "./found-union.ts";
import type { MarketClient } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { SimulatedMeter, signedMeterJson } from "./simulated-meter.ts";
import { siteKeyOf } from "./site-people.ts";

/** How long a simulated session takes, and how fast it charges. */
const charging_ms = 30_000;
const charging_W = 200_000;
const hour_ms = 3_600_000;
/** Newest sessions of an operator that are looked at. */
const looked = 20;
const handInTries = 5;
const handInGap_ms = 2000;

interface SimulatedPoint {
  readonly pileId: string;
  readonly signer: Signer;
  readonly meter: SimulatedMeter;
}

/**
 * The charge points of a demonstration site: each carries out the sessions that drivers authorise at it,
 * with its own key and a simulated meter. One session at a time at each.
 */
export class SimulatedChargePoints {
  readonly #client: MarketClient;
  readonly #site: MarketSite;
  readonly #random: Random;
  readonly #pause: (delay_ms: number) => Promise<void>;
  readonly #points: ReadonlyMap<string, SimulatedPoint>;
  readonly #busy = new Set<string>();
  /** What could not be carried out is left to expire. */
  readonly #given = new Set<string>();

  constructor(options: {
    client: MarketClient;
    site: MarketSite;
    random: Random;
    pause: (delay_ms: number) => Promise<void>;
  }) {
    this.#client = options.client;
    this.#site = options.site;
    this.#random = options.random;
    this.#pause = options.pause;
    this.#points = new Map(pointsOf(options.site).map((one) => [toHex(one.signer.publicKey), one]));
  }

  /** Keys of all points, in hex. */
  get keys(): readonly string[] {
    return [...this.#points.keys()];
  }

  /** Begins whatever sessions wait at a point that is free. Gives those that it began, to be awaited. */
  async look(): Promise<readonly Promise<void>[]> {
    const begun: Promise<void>[] = [];
    for (const { organisation } of siteOperators(this.#site)) {
      const path = `/v1/market/sessions?operator=${organisation}&limit=${looked}`;
      const sessions = (await this.#client.get(path)) as readonly MarketSessionView[];
      for (const session of sessions) {
        const point = this.#points.get(session.chargePointKey);
        if (point === undefined || !this.#isNext(session)) continue;
        this.#busy.add(session.chargePointKey);
        begun.push(this.#carryOut(session, point));
      }
    }
    return begun;
  }

  #isNext({ id, state, chargePointKey }: MarketSessionView): boolean {
    const isOpen = state === "authorised" || state === "charging";
    return isOpen && !this.#busy.has(chargePointKey) && !this.#given.has(id);
  }

  /** Start, charge, settle; a refusal ends it and is left to the session's expiry. */
  async #carryOut(session: MarketSessionView, point: SimulatedPoint): Promise<void> {
    this.#given.add(session.id);
    try {
      const isNew = session.state === "authorised";
      // A session that an earlier run began ends with the energy that it had.
      const earlier = isNew ? undefined : point.meter.begunBy(session.id);
      const begin = earlier ?? this.#reading(point);
      if (isNew) {
        point.meter.begin(session.id, begin);
        if (!(await this.#meter(session, point, begin))) return;
        await this.#pause(charging_ms);
        const passed_ms = this.#site.clock.wall_ms() - begin.time_ms;
        const share = 0.5 + this.#random.uniform() / 2;
        const charged_Wh = Math.floor((charging_W * share * passed_ms) / hour_ms);
        point.meter.count(Math.min(charged_Wh, allowed_Wh(session)));
      }
      await this.#settle({ session, point, begin });
    } finally {
      this.#busy.delete(session.chargePointKey);
    }
  }

  #reading({ meter }: SimulatedPoint): { time_ms: number; register_Wh: number } {
    return { time_ms: this.#site.clock.wall_ms(), register_Wh: meter.register_Wh };
  }

  /** Whether the chain took the start. */
  async #meter(
    { id }: MarketSessionView,
    { signer }: SimulatedPoint,
    { time_ms, register_Wh }: { time_ms: number; register_Wh: number },
  ): Promise<boolean> {
    const sessionId = fromHex(id) ?? new Uint8Array();
    const { code } = await this.#client.order(signer, {
      module: moduleNumber.sessions,
      action: sessionAction.start,
      payload: encodeMeterReading({ sessionId, meter_Wh: register_Wh, time_ms }),
    });
    return code === "OK";
  }

  async #settle(o: {
    session: MarketSessionView;
    point: SimulatedPoint;
    begin: { time_ms: number; register_Wh: number };
  }): Promise<void> {
    const { session, point, begin } = o;
    const end = this.#reading(point);
    const { hash, signed } = point.meter.sign({ sessionId: session.id, begin, end });
    const file = join(meterFolder(this.#site), `${session.id}.ocmf.json`);
    replaceFileSync(file, `${JSON.stringify(signedMeterJson(signed), null, 2)}\n`);
    const { code } = await this.#client.order(point.signer, {
      module: moduleNumber.sessions,
      action: sessionAction.settle,
      payload: encodeSettlement({
        sessionId: fromHex(session.id) ?? new Uint8Array(),
        meter_Wh: end.register_Wh,
        time_ms: end.time_ms,
        receiptHash: hash,
      }),
    });
    if (code === "OK") await this.#handIn(session.id, signed);
  }

  /** For the receipt. The desk takes values whose hash is final, so it may have to see the block first. */
  async #handIn(sessionId: string, signed: SignedMeter): Promise<void> {
    const paper = { sessionId, ...signedMeterJson(signed) };
    for (let tries = 1; tries <= handInTries; tries++) {
      const isTaken = await this.#client.post("/v1/settlement/meters", paper).then(
        () => true,
        () => false,
      );
      if (isTaken) return;
      await this.#pause(handInGap_ms);
    }
  }
}

/** What the session may take and pay for with money; beans would allow more. */
function allowed_Wh(session: MarketSessionView): number {
  const { limit_Wh, limitAmount, sessionFee, pricePerKWh } = session;
  if (pricePerKWh === 0) return limit_Wh;
  return Math.min(limit_Wh, mulDiv(Math.max(0, limitAmount - sessionFee), 1000, pricePerKWh));
}

function meterFolder({ paths }: MarketSite): string {
  return join(paths.root, "market");
}

function pointsOf(site: MarketSite): readonly SimulatedPoint[] {
  return siteOperators(site).flatMap(({ place }) =>
    plannedChargePoints(place).map(({ pileId }) => {
      const signer = siteKeyOf(site.paths, pileId);
      // The meter's own key comes out of the point's, which is a secret of the site.
      const secretKey = nodeCrypto.sha256(signer.sign(new TextEncoder().encode("meter")));
      const folder = meterFolder(site);
      const meter = new SimulatedMeter({ folder, pileId, secretKey });
      return { pileId, signer, meter };
    }),
  );
}
