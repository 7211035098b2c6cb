export interface CatchUpRules {
  /** How long a peer that seems ahead is left alone: our own votes are likely to decide first. */
  readonly grace_ms: number;
  /** How long an answer may take. */
  readonly timeout_ms: number;
  /** How long a peer that failed is not asked again. */
  readonly penalty_ms: number;
  readonly blocksMax: number;
}

export interface BlockRequest {
  readonly peer: number;
  readonly from: number;
  readonly limit: number;
}

/** A peer that was asked in vain so often does not hold the blocks. */
const failuresMax = 3;

interface PeerHeight {
  readonly height: number;
  /** Since when this peer is known to be that high. */
  readonly since_ms: number;
}

/** Decides whom to ask for blocks that are final elsewhere: one request at a time, the highest peer first. */
export class CatchUp {
  readonly #rules: CatchUpRules;
  readonly #heights = new Map<number, PeerHeight>();
  readonly #avoidUntil_ms = new Map<number, number>();
  /** Lowest block that a peer holds, where it said so; else every block. */
  readonly #firsts = new Map<number, number>();
  /** How often in a row a peer was asked in vain. */
  readonly #failures = new Map<number, number>();
  #inFlight: { readonly peer: number; readonly sent_ms: number } | undefined;

  constructor(rules: CatchUpRules) {
    this.#rules = rules;
  }

  /** A peer holds every block up to this height. */
  learn(fact: { peer: number; height: number; now_ms: number }): void {
    const known = this.#heights.get(fact.peer);
    if (known !== undefined && known.height >= fact.height) return;
    this.#heights.set(fact.peer, { height: fact.height, since_ms: fact.now_ms });
  }

  /** A peer holds no block below this height. */
  learnFirst(peer: number, first: number): void {
    this.#firsts.set(peer, first);
  }

  /**
   * Whether the next block is not to be had any more: some peer says that it went, and every other one
   * says so too or was asked in vain several times.
   */
  isGone(at: { ownHeight: number; peers: Iterable<number> }): boolean {
    let gone = 0;
    for (const peer of at.peers) {
      if ((this.#firsts.get(peer) ?? 1) > at.ownHeight + 1) gone++;
      else if ((this.#failures.get(peer) ?? 0) < failuresMax) return false;
    }
    return gone > 0;
  }

  heightOf(peer: number): number {
    return this.#heights.get(peer)?.height ?? 0;
  }

  /** The request to send now, if one is needed; it counts as sent. */
  next(at: {
    ownHeight: number;
    now_ms: number;
    isReachable: (peer: number) => boolean;
  }): BlockRequest | undefined {
    this.#giveUpLate(at.now_ms);
    if (this.#inFlight !== undefined) return undefined;
    let best: { peer: number; height: number } | undefined;
    for (const [peer, { height, since_ms }] of this.#heights) {
      // One height ahead is usual for a moment; two are not.
      const isSettled = height > at.ownHeight + 1 || at.now_ms - since_ms >= this.#rules.grace_ms;
      if (height <= at.ownHeight || !isSettled || !this.#mayGive(peer, at)) continue;
      if (height > (best?.height ?? 0)) best = { peer, height };
    }
    if (best === undefined) return undefined;
    this.#inFlight = { peer: best.peer, sent_ms: at.now_ms };
    return { peer: best.peer, from: at.ownHeight + 1, limit: this.#rules.blocksMax };
  }

  /** Whether a peer can be asked, and has not said that it lacks the next block. */
  #mayGive(
    peer: number,
    at: { ownHeight: number; now_ms: number; isReachable: (peer: number) => boolean },
  ): boolean {
    const isAvoided = (this.#avoidUntil_ms.get(peer) ?? 0) > at.now_ms;
    return !isAvoided && (this.#firsts.get(peer) ?? 1) <= at.ownHeight + 1 && at.isReachable(peer);
  }

  /** Whether some peer is known to be higher. */
  isBehind(ownHeight: number): boolean {
    for (const { height } of this.#heights.values()) if (height > ownHeight) return true;
    return false;
  }

  /** The peer answered; `helped` is whether its blocks were sound and new. */
  answered(answer: { peer: number; helped: boolean; now_ms: number }): void {
    if (this.#inFlight?.peer !== answer.peer) return;
    this.#inFlight = undefined;
    if (answer.helped) this.#failures.delete(answer.peer);
    else this.#avoid(answer.peer, answer.now_ms);
  }

  forget(peer: number): void {
    if (this.#inFlight?.peer === peer) this.#inFlight = undefined;
    this.#heights.delete(peer);
    this.#firsts.delete(peer);
  }

  #giveUpLate(now_ms: number): void {
    const late = this.#inFlight;
    if (late === undefined || now_ms - late.sent_ms < this.#rules.timeout_ms) return;
    this.#inFlight = undefined;
    this.#avoid(late.peer, now_ms);
  }

  /** What it said of its height is forgotten too: a claim that brings no blocks is worth nothing. */
  #avoid(peer: number, now_ms: number): void {
    this.#heights.delete(peer);
    this.#failures.set(peer, 1 + (this.#failures.get(peer) ?? 0));
    this.#avoidUntil_ms.set(peer, now_ms + this.#rules.penalty_ms);
  }
}
