import type { SessionState } from "../modules/session-record.ts";

/** What a book on paper would hold of one session. */
interface PlainSession {
  state: SessionState;
  readonly driver: number;
  readonly point: number;
  /** Money and beans that wait. */
  pot: number;
  beans: number;
  readonly limitAmount: number;
  readonly limit_Wh: number;
  readonly expiry_ms: number;
  start_Wh: number;
  last_Wh: number;
  last_ms: number;
  energy_Wh: number;
  paid: number;
  owed: number;
  settled_ms: number;
}

export interface PlainOrder {
  readonly driver: number;
  readonly point: number;
  readonly limitAmount: number;
  readonly limit_Wh: number;
  readonly expiry_ms: number;
}

const price = 400_000n;
const fee = 500_000;
const day_ms = 86_400_000;

/**
 * Sessions and beans as one would keep them on paper: plain numbers, no state tree, no bytes. Point 0 and 1
 * are of operator 0 and 1. Every method says whether the chain must accept. For tests.
 */
export class PlainMarket {
  readonly drivers: number[];
  readonly operators: number[];
  readonly debts: number[];
  /** By operator, then driver. */
  readonly beans: number[][];
  readonly outstanding: number[] = [0, 0];
  readonly sessions = new Map<string, PlainSession>();
  envelope: { left: number; shares: number; claims: Set<number>; operator: number } | undefined;
  readonly #bound_Wh: number;
  now_ms = 0;

  constructor(options: { drivers: number[]; operators: number[]; bound_Wh: number }) {
    this.drivers = [...options.drivers];
    this.operators = [...options.operators];
    this.debts = options.drivers.map(() => 0);
    this.beans = options.operators.map(() => options.drivers.map(() => 0));
    this.#bound_Wh = options.bound_Wh;
  }

  /** All money there is. */
  get money(): number {
    const pots = [...this.sessions.values()].reduce((sum, { pot }) => sum + pot, 0);
    return [...this.drivers, ...this.operators].reduce((sum, one) => sum + one, pots);
  }

  /** Beans of an operator wherever they are. */
  whereabouts_Wh(operator: number): number {
    const held = [...this.sessions.values()].filter(({ point }) => point === operator);
    const locked = held.reduce((sum, { beans }) => sum + beans, 0);
    const { envelope } = this;
    const waiting = envelope?.operator === operator ? envelope.left : 0;
    return (this.beans[operator] ?? []).reduce((sum, one) => sum + one, locked + waiting);
  }

  authorise(id: string, order: PlainOrder): boolean {
    const { driver, point, limitAmount, limit_Wh } = order;
    const have = this.drivers[driver] ?? 0;
    if (this.sessions.has(id) || (this.debts[driver] ?? 0) > 0 || limit_Wh === 0) return false;
    if (have < limitAmount || limitAmount < fee) return false;
    const held = Math.min(this.beans[point]?.[driver] ?? 0, limit_Wh);
    if (held === 0 && cost(1, 0) > limitAmount) return false;
    this.#pay(this.drivers, driver, -limitAmount);
    this.#give(point, driver, -held);
    this.sessions.set(id, { ...opened(order), pot: limitAmount, beans: held });
    return true;
  }

  start(id: string, meter_Wh: number): boolean {
    const session = this.sessions.get(id);
    if (session?.state !== "authorised" || this.now_ms > session.expiry_ms) return false;
    const { now_ms: last_ms } = this;
    Object.assign(session, { state: "charging", start_Wh: meter_Wh, last_Wh: meter_Wh, last_ms });
    return true;
  }

  read(id: string, meter_Wh: number): boolean {
    const session = this.sessions.get(id);
    if (session?.state !== "charging" || this.now_ms > session.expiry_ms) return false;
    const hours = (this.now_ms - session.last_ms) / 3_600_000;
    const more_Wh = meter_Wh - session.last_Wh;
    if (more_Wh < 0 || more_Wh > Math.floor(60_000 * hours + 1e-9) + 100) return false;
    if (!keepsLimits(session, meter_Wh - session.start_Wh)) return false;
    session.last_Wh = meter_Wh;
    session.last_ms = this.now_ms;
    return true;
  }

  settle(id: string, meter_Wh: number): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || !this.read(id, meter_Wh)) return false;
    this.#close(session);
    return true;
  }

  /** Half an hour without a connection. */
  voucher(id: string, order: PlainOrder, energy_Wh: number): boolean {
    const known = this.sessions.get(id);
    if (known !== undefined && !["authorised", "cancelled", "expired"].includes(known.state)) {
      return false;
    }
    if (known?.state === "authorised") {
      if (order.limit_Wh === 0 || this.now_ms > known.expiry_ms) return false;
      if (!keepsLimits(known, energy_Wh)) return false;
      known.last_Wh = energy_Wh;
      this.#close(known);
      return true;
    }
    const { driver, point } = order;
    const beans = Math.min(this.beans[point]?.[driver] ?? 0, order.limit_Wh);
    const session = { ...opened(order), beans, pot: 0, last_Wh: energy_Wh };
    if (order.limit_Wh === 0 || !keepsLimits(session, energy_Wh)) return false;
    const due = cost(energy_Wh, beans);
    const paid = Math.min(due, this.drivers[driver] ?? 0);
    this.#pay(this.drivers, driver, -paid);
    this.#pay(this.operators, point, paid);
    this.#pay(this.debts, driver, due - paid);
    this.#give(point, driver, -Math.min(beans, energy_Wh));
    this.#pay(this.outstanding, point, -Math.min(beans, energy_Wh));
    const settled = { state: "settled", beans: 0, energy_Wh, paid, owed: due - paid } as const;
    this.sessions.set(id, { ...session, ...settled, settled_ms: this.now_ms });
    return true;
  }

  cancel(id: string): boolean {
    const session = this.sessions.get(id);
    if (session?.state !== "authorised") return false;
    this.#undo(session, "cancelled");
    return true;
  }

  expire(id: string): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || this.now_ms <= session.expiry_ms + day_ms) return false;
    if (session.state === "authorised") this.#undo(session, "expired");
    else if (session.state === "charging") this.#close(session);
    else return false;
    return true;
  }

  dispute(id: string, vehicle_Wh: number): boolean {
    const session = this.sessions.get(id);
    if (session?.state !== "settled" || this.now_ms > session.settled_ms + 7 * day_ms) return false;
    const { energy_Wh, point, paid } = session;
    const least = Math.floor((energy_Wh * 80) / 100) - 100;
    const most = Math.floor((energy_Wh * 102) / 100) + 100;
    if (vehicle_Wh >= least && vehicle_Wh <= most) return false;
    const difference = Number((BigInt(Math.max(0, energy_Wh - vehicle_Wh)) * price) / 1000n);
    session.pot = Math.min(paid, difference, this.operators[point] ?? 0);
    this.#pay(this.operators, point, -session.pot);
    session.state = "disputed";
    return true;
  }

  resolve(id: string, refund: number): boolean {
    const session = this.sessions.get(id);
    if (session?.state !== "disputed" || refund > session.paid + session.owed) return false;
    const { driver, point } = session;
    const forgiven = Math.min(refund, session.owed);
    session.owed -= forgiven;
    this.#pay(this.debts, driver, -forgiven);
    this.#pay(this.operators, point, session.pot);
    const back = Math.min(refund - forgiven, this.operators[point] ?? 0);
    this.#pay(this.operators, point, -back);
    this.#pay(this.drivers, driver, back);
    session.pot = 0;
    session.state = "resolved";
    return true;
  }

  payShortfall(id: string): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || session.owed === 0) return false;
    const { driver, point, owed } = session;
    if ((this.drivers[driver] ?? 0) < owed) return false;
    this.#pay(this.drivers, driver, -owed);
    this.#pay(this.operators, point, owed);
    this.#pay(this.debts, driver, -owed);
    session.paid += owed;
    session.owed = 0;
    return true;
  }

  rebate(operator: number, driver: number, energy_Wh: number): boolean {
    if (!this.#issue(operator, energy_Wh)) return false;
    this.#give(operator, driver, energy_Wh);
    return true;
  }

  gift(gift: { operator: number; from: number; to: number; energy_Wh: number }): boolean {
    const { operator, from, to, energy_Wh } = gift;
    const have = this.beans[operator]?.[from] ?? 0;
    if (energy_Wh === 0 || from === to || have < energy_Wh) return false;
    this.#give(operator, from, -energy_Wh);
    this.#give(operator, to, energy_Wh);
    return true;
  }

  /** One at most. */
  fill(operator: number, energy_Wh: number, shares: number): boolean {
    if (this.envelope !== undefined || energy_Wh < shares) return false;
    if (!this.#issue(operator, energy_Wh)) return false;
    this.envelope = { left: energy_Wh, shares, claims: new Set(), operator };
    return true;
  }

  /** What was drawn is the chain's to say; it must be there. */
  mayClaim(driver: number): boolean {
    return (
      this.envelope !== undefined && this.envelope.shares > 0 && !this.envelope.claims.has(driver)
    );
  }

  claim(driver: number, share_Wh: number): void {
    const { envelope } = this;
    if (envelope === undefined) return;
    envelope.left -= share_Wh;
    envelope.shares -= 1;
    envelope.claims.add(driver);
    this.#give(envelope.operator, driver, share_Wh);
  }

  #issue(operator: number, energy_Wh: number): boolean {
    const after = (this.outstanding[operator] ?? 0) + energy_Wh;
    if (energy_Wh === 0 || after > this.#bound_Wh) return false;
    this.outstanding[operator] = after;
    return true;
  }

  #close(session: PlainSession): void {
    const { driver, point, beans, pot } = session;
    session.energy_Wh = session.last_Wh - session.start_Wh;
    session.paid = cost(session.energy_Wh, beans);
    const used = Math.min(beans, session.energy_Wh);
    this.#pay(this.operators, point, session.paid);
    this.#pay(this.drivers, driver, pot - session.paid);
    this.#pay(this.outstanding, point, -used);
    this.#give(point, driver, beans - used);
    Object.assign(session, { state: "settled", pot: 0, beans: 0, settled_ms: this.now_ms });
  }

  #undo(session: PlainSession, state: "cancelled" | "expired"): void {
    this.#pay(this.drivers, session.driver, session.pot);
    this.#give(session.point, session.driver, session.beans);
    Object.assign(session, { state, pot: 0, beans: 0 });
  }

  #pay(book: number[], who: number, amount: number): void {
    book[who] = (book[who] ?? 0) + amount;
  }

  #give(operator: number, driver: number, energy_Wh: number): void {
    this.#pay(this.beans[operator] ?? [], driver, energy_Wh);
  }
}

function opened(order: PlainOrder): PlainSession {
  const nothing = { start_Wh: 0, last_Wh: 0, last_ms: 0, energy_Wh: 0, paid: 0, owed: 0 };
  return { state: "authorised", ...order, ...nothing, settled_ms: 0, pot: 0, beans: 0 };
}

/** With these beans in hand. */
function cost(energy_Wh: number, beans: number): number {
  if (energy_Wh === 0) return 0;
  return fee + Number((BigInt(Math.max(0, energy_Wh - beans)) * price) / 1000n);
}

function keepsLimits(session: PlainSession, energy_Wh: number): boolean {
  return energy_Wh <= session.limit_Wh && cost(energy_Wh, session.beans) <= session.limitAmount;
}
