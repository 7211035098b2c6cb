import { equalBytes, toHex } from "@voltfog/runtime";

export interface SnapshotFetchRules {
  /** How long one that few peers offer waits for more of them, and a begun one for who has it. */
  readonly grace_ms: number;
  /** How long an answer may take. */
  readonly timeout_ms: number;
  /** How long a peer that sent nothing good is not asked again. */
  readonly penalty_ms: number;
  /** Requests under way to one peer. */
  readonly perPeer: number;
}

/** What a peer says that it can give. */
export interface SnapshotOffer {
  readonly id: Uint8Array;
  /** The block after which the chain goes on. */
  readonly height: number;
}

/** A part of a snapshot, or its plan. */
export type SnapshotPiece = "plan" | number;

export interface PieceRequest {
  readonly peer: number;
  readonly id: Uint8Array;
  readonly piece: SnapshotPiece;
}

const none = new Uint8Array();

interface Target extends SnapshotOffer {
  /** undefined until the plan is there. */
  readonly missing: ReadonlySet<number> | undefined;
}

interface UnderWay {
  readonly piece: SnapshotPiece;
  readonly sent_ms: number;
  /** It came and is being proved and kept; until then nothing else is asked of this peer instead. */
  readonly isHere: boolean;
}

/**
 * Decides which snapshot to fetch and whom to ask for which part of it: several peers at once, a few
 * parts each. A peer whose part is wrong, late or not there is passed over; a snapshot that nobody gives
 * any more is given up for another one.
 */
export class SnapshotFetch {
  readonly #rules: SnapshotFetchRules;
  readonly #offers = new Map<number, SnapshotOffer>();
  readonly #avoidUntil_ms = new Map<number, number>();
  readonly #underWay = new Map<number, readonly UnderWay[]>();
  /** Peers that said that they do not have the target. */
  readonly #without = new Set<number>();
  #target: Target | undefined;
  /** Since when there is something to choose from, and since when nobody has the target. */
  #waiting_ms: number | undefined;
  #stuck_ms: number | undefined;

  constructor(rules: SnapshotFetchRules) {
    this.#rules = rules;
  }

  get target(): SnapshotOffer | undefined {
    return this.#target;
  }

  /** The newest offer of each peer counts. */
  learn(peer: number, offer: SnapshotOffer): void {
    const known = this.#offers.get(peer);
    if (known !== undefined && equalBytes(known.id, offer.id)) return;
    this.#offers.set(peer, offer);
    this.#without.delete(peer);
  }

  forget(peer: number): void {
    this.#offers.delete(peer);
    this.#underWay.delete(peer);
  }

  /**
   * Chooses a snapshot of at least this height, if there is none yet: among those that `agreeing` peers
   * offer the highest, after the grace time the one that most do.
   */
  choose(at: {
    heightMin: number;
    /** So many peers that one of them must be honest. */
    agreeing: number;
    now_ms: number;
    isReachable: (peer: number) => boolean;
  }): void {
    if (this.#target !== undefined) return;
    const candidates = this.#candidates(at).filter(({ offer }) => offer.height >= at.heightMin);
    if (candidates.length === 0) {
      this.#waiting_ms = undefined;
      return;
    }
    this.#waiting_ms ??= at.now_ms;
    const agreed = candidates.filter(({ peers }) => peers >= at.agreeing);
    const isOver = at.now_ms - this.#waiting_ms >= this.#rules.grace_ms;
    const [best] = (agreed.length > 0 ? agreed : isOver ? candidates : []).sort(
      (a, b) => (agreed.length > 0 ? 0 : b.peers - a.peers) || b.offer.height - a.offer.height,
    );
    if (best !== undefined) this.#begin({ ...best.offer, missing: undefined });
  }

  /** Goes on with one of which a plan, and some parts, are there from before. */
  resume(offer: SnapshotOffer, missing: ReadonlySet<number>): void {
    const { id, height } = offer;
    this.#begin({ id, height, missing });
  }

  /** Whether the target is this one and its plan was not asked for yet. */
  needsPlan(id: Uint8Array | undefined): boolean {
    const target = this.#target;
    if (target === undefined || id === undefined) return false;
    return target.missing === undefined && equalBytes(target.id, id);
  }

  /** The target's plan is there; its parts are asked for from now on. */
  planned(missing: ReadonlySet<number>): void {
    if (this.#target !== undefined) this.#target = { ...this.#target, missing };
  }

  /** The target is whole, or nobody's any more. */
  end(): void {
    this.#target = undefined;
    this.#underWay.clear();
    this.#without.clear();
    this.#waiting_ms = undefined;
    this.#stuck_ms = undefined;
  }

  /** The requests to send now; they count as sent. Empty where everything is under way already. */
  next(at: { now_ms: number; isReachable: (peer: number) => boolean }): readonly PieceRequest[] {
    this.#giveUpLate(at.now_ms);
    const target = this.#target;
    if (target === undefined) return [];
    const wanted = this.#wanted(target);
    const requests: PieceRequest[] = [];
    const peers = this.#askable(target, at);
    // One each in turn, so that the parts are spread over all who have them.
    for (let count = 0; count < this.#rules.perPeer; count++) {
      for (const peer of peers) {
        const pieces = this.#underWay.get(peer) ?? [];
        if (pieces.length > count) continue;
        const { value: piece, done } = wanted.next();
        if (done === true) return requests;
        this.#underWay.set(peer, [...pieces, { piece, sent_ms: at.now_ms, isHere: false }]);
        requests.push({ peer, id: target.id, piece });
      }
    }
    return requests;
  }

  /** Whether, for the grace time, peers offer snapshots but none can be asked for the target. */
  isStuck(at: { now_ms: number; isReachable: (peer: number) => boolean }): boolean {
    const target = this.#target;
    const isWaiting =
      target !== undefined &&
      this.#underWay.size === 0 &&
      this.#offers.size > 0 &&
      this.#askable(target, at).length === 0;
    this.#stuck_ms = isWaiting ? (this.#stuck_ms ?? at.now_ms) : undefined;
    return this.#stuck_ms !== undefined && at.now_ms - this.#stuck_ms >= this.#rules.grace_ms;
  }

  /** Whether there is something to choose from, and the grace time still runs. */
  get isWaiting(): boolean {
    return this.#target === undefined && this.#waiting_ms !== undefined;
  }

  /** Whether something is asked for and not settled. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** Whether this peer was asked for this piece of the target; each answer counts once. */
  answered({ peer, id, piece }: PieceRequest): boolean {
    const pieces = this.#underWay.get(peer) ?? [];
    const asked = pieces.find((one) => one.piece === piece && !one.isHere);
    if (asked === undefined || !equalBytes(id, this.#target?.id ?? none)) return false;
    const others = pieces.filter((one) => one !== asked);
    this.#underWay.set(peer, [...others, { ...asked, isHere: true }]);
    return true;
  }

  /** The answer was dealt with; the peer may be asked for more. */
  settled({ peer, piece }: PieceRequest): void {
    const rest = (this.#underWay.get(peer) ?? []).filter((one) => one.piece !== piece);
    if (rest.length > 0) this.#underWay.set(peer, rest);
    else this.#underWay.delete(peer);
  }

  /** The peer does not have this snapshot, or not any more. */
  hasNot(peer: number): void {
    this.#without.add(peer);
  }

  /** The peer sent what is not true. */
  avoid(peer: number, now_ms: number): void {
    this.#underWay.delete(peer);
    this.#avoidUntil_ms.set(peer, now_ms + this.#rules.penalty_ms);
  }

  /** Everyone who offers this snapshot is passed over. */
  avoidOffer(id: Uint8Array, now_ms: number): void {
    for (const [peer, offer] of this.#offers) {
      if (equalBytes(offer.id, id)) this.avoid(peer, now_ms);
    }
  }

  #begin(target: Target): void {
    this.end();
    this.#target = target;
  }

  /** One row for each snapshot that is offered by a peer that may be asked. */
  #candidates(at: { now_ms: number; isReachable: (peer: number) => boolean }): readonly {
    readonly offer: SnapshotOffer;
    readonly peers: number;
  }[] {
    const rows = new Map<string, { offer: SnapshotOffer; peers: number }>();
    for (const [peer, offer] of this.#offers) {
      if (!this.#mayAsk(peer, at)) continue;
      const name = `${offer.height}/${toHex(offer.id)}`;
      rows.set(name, { offer, peers: 1 + (rows.get(name)?.peers ?? 0) });
    }
    return [...rows.values()];
  }

  /** Who may hold the target: whoever offers it or a newer one, unless it said that it does not. */
  #askable(
    target: Target,
    at: { now_ms: number; isReachable: (peer: number) => boolean },
  ): readonly number[] {
    return [...this.#offers]
      .filter(([peer, { height }]) => height >= target.height && !this.#without.has(peer))
      .map(([peer]) => peer)
      .filter((peer) => this.#mayAsk(peer, at));
  }

  #mayAsk(peer: number, at: { now_ms: number; isReachable: (peer: number) => boolean }): boolean {
    return (this.#avoidUntil_ms.get(peer) ?? 0) <= at.now_ms && at.isReachable(peer);
  }

  *#wanted(target: Target): Generator<SnapshotPiece, undefined> {
    const asked = new Set([...this.#underWay.values()].flat().map(({ piece }) => piece));
    if (target.missing === undefined) {
      if (!asked.has("plan")) yield "plan";
      return undefined;
    }
    for (const place of target.missing) if (!asked.has(place)) yield place;
    return undefined;
  }

  #giveUpLate(now_ms: number): void {
    for (const [peer, pieces] of this.#underWay) {
      const isLate = pieces.some(
        ({ sent_ms, isHere }) => !isHere && now_ms - sent_ms >= this.#rules.timeout_ms,
      );
      if (isLate) this.avoid(peer, now_ms);
    }
  }
}
