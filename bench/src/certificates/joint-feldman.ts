import {
  assert,
  ByteWriter,
  type Crypto,
  equalBytes,
  type Random,
  type Signer,
  utf8,
} from "@voltfog/runtime";
import { blst, type PublicKey, type SecretKey } from "./blst.ts";
import { pointAt } from "./group-sums.ts";
import {
  groupOrder,
  type Polynomial,
  polynomialAt,
  randomScalar,
  scalarBytes,
  scalarOf,
} from "./scalar-field.ts";

/** What a dealer says to one other: to all alike what it is bound to, to this one its share. */
export interface Dealing {
  readonly dealer: number;
  /** g1^a for each coefficient a of the dealer's polynomial, 48 bytes each. */
  readonly commitments: readonly Uint8Array[];
  /** The dealer's polynomial at the receiver's place. Secret: the link hides it. */
  readonly share: Uint8Array;
  /** Ed25519 over the commitments: two different ones are evidence. */
  readonly signature: Uint8Array;
}

/** What each says to all after the dealings: that it has the same ones, and whose share is wrong. */
export interface Echo {
  readonly from: number;
  readonly dealings: Uint8Array;
  readonly accused: readonly number[];
  readonly signature: Uint8Array;
}

/** What an accused dealer says to all: the share that was called wrong. */
export interface Answer {
  readonly dealer: number;
  readonly receiver: number;
  readonly share: Uint8Array;
}

export interface GroupKey {
  readonly publicKey: PublicKey;
  /** Public key of each member's share, in the members' order. */
  readonly sharesOf: readonly PublicKey[];
  /** Whose dealings count. */
  readonly qualified: readonly number[];
}

export interface JointFeldmanOptions {
  /** Own place among the members, from 0. */
  readonly index: number;
  /** Ed25519 keys of all members. */
  readonly members: readonly Uint8Array[];
  /** Shares that make a signature. */
  readonly threshold: number;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly random: Random;
}

const domain = utf8("voltfog-bench/dealing/1\n");
const echoDomain = utf8("voltfog-bench/dealings-seen/1\n");

interface KnownDealing {
  readonly points: readonly PublicKey[];
  readonly bytes: Uint8Array;
  share: bigint | undefined;
}

/**
 * One member's part in a distributed key generation after Joint-Feldman (Pedersen 1991; with complaints as
 * in Gennaro, Jarecki, Krawczyk, Rabin 1999, figure 1). Rounds: a dealing to each other member; an echo to
 * each other; an answer to all from each accused dealer. The broadcast that the protocol needs is the
 * echo round: members go on only where all have seen the same dealings. The public key's distribution can
 * be tilted by a liar, which is known and harmless to these signatures; nobody learns the secret. A pure
 * machine: who drives it carries the messages.
 */
export class JointFeldmanMember {
  readonly #options: JointFeldmanOptions;
  readonly #polynomial: Polynomial;
  readonly #dealings = new Map<number, KnownDealing>();
  readonly #accusations: { readonly dealer: number; readonly receiver: number }[] = [];
  readonly #disqualified = new Set<number>();

  constructor(options: JointFeldmanOptions) {
    this.#options = options;
    this.#polynomial = Array.from({ length: options.threshold }, () =>
      randomScalar(options.random),
    );
  }

  /** One for each member, its own among them. */
  deal(): Dealing[] {
    const { index, members, signer } = this.#options;
    const commitments = this.#polynomial.map((coefficient) =>
      blst.SecretKey.fromBytes(scalarBytes(coefficient)).toPublicKey().toBytes(),
    );
    const signature = signer.sign(dealingBytes(index, commitments));
    return members.map((_, receiver) => ({
      dealer: index,
      commitments,
      share: scalarBytes(polynomialAt(this.#polynomial, receiver + 1)),
      signature,
    }));
  }

  /** Keeps what is bound rightly; a share that does not fit is complained of in the echo. */
  take({ dealer, commitments, share, signature }: Dealing): void {
    const { index, members, threshold, crypto } = this.#options;
    const publicKey = members[dealer];
    const message = dealingBytes(dealer, commitments);
    if (publicKey === undefined || commitments.length !== threshold) return;
    if (!crypto.verify({ publicKey, message, signature })) return;
    const points = pointsOf(commitments);
    if (points === undefined) return;
    const isRight = fits({ points, place: index + 1, share });
    this.#dealings.set(dealer, {
      points,
      bytes: message,
      share: isRight ? scalarOf(share) : undefined,
    });
  }

  /** After all dealings; who sent none or one without binding is accused too. */
  echo(): Echo {
    const { index, members, signer } = this.#options;
    const accused = [...members.keys()].filter(
      (dealer) => this.#dealings.get(dealer)?.share === undefined,
    );
    const dealings = this.#digest();
    return {
      from: index,
      dealings,
      accused,
      signature: signer.sign(echoBytes({ dealings, accused })),
    };
  }

  /** False where the other has seen other dealings: the run is over, and the two signatures tell by whom. */
  hear(echo: Echo): boolean {
    const publicKey = this.#options.members[echo.from];
    const message = echoBytes(echo);
    if (publicKey === undefined) return false;
    if (!this.#options.crypto.verify({ publicKey, message, signature: echo.signature }))
      return false;
    for (const dealer of echo.accused) this.#accusations.push({ dealer, receiver: echo.from });
    return equalBytes(echo.dealings, this.#digest());
  }

  /** For every member that accused this one. */
  answers(): Answer[] {
    const { index } = this.#options;
    return this.#accusations
      .filter(({ dealer }) => dealer === index)
      .map(({ receiver }) => ({
        dealer: index,
        receiver,
        share: scalarBytes(polynomialAt(this.#polynomial, receiver + 1)),
      }));
  }

  /** After all answers: accused dealers without a right one for each accuser no longer count. */
  judge(answers: readonly Answer[]): void {
    for (const { dealer, receiver } of this.#accusations) {
      const points = this.#dealings.get(dealer)?.points;
      const answer = answers.find((one) => one.dealer === dealer && one.receiver === receiver);
      const isRight =
        points !== undefined &&
        answer !== undefined &&
        fits({ points, place: receiver + 1, share: answer.share });
      if (!isRight) this.#disqualified.add(dealer);
      else if (receiver === this.#options.index) this.#keepShare(dealer, scalarOf(answer.share));
    }
  }

  /** This member's share of the secret. */
  secretShare(): SecretKey {
    const sum = this.#qualified().reduce((total, dealer) => {
      const share = this.#dealings.get(dealer)?.share;
      assert(share !== undefined, "a dealer that counts gave its share");
      return (total + share) % groupOrder;
    }, 0n);
    return blst.SecretKey.fromBytes(scalarBytes(sum));
  }

  groupKey(): GroupKey {
    const qualified = this.#qualified();
    const { threshold, members } = this.#options;
    const sums = Array.from({ length: threshold }, (_, k) =>
      blst.aggregatePublicKeys(
        qualified.flatMap((dealer) => this.#dealings.get(dealer)?.points[k] ?? []),
      ),
    );
    const [publicKey] = sums;
    assert(publicKey !== undefined, "a threshold is at least one");
    return { publicKey, qualified, sharesOf: members.map((_, i) => pointAt(sums, i + 1)) };
  }

  #keepShare(dealer: number, share: bigint): void {
    const known = this.#dealings.get(dealer);
    if (known !== undefined) known.share = share;
  }

  #qualified(): number[] {
    return [...this.#dealings.keys()]
      .filter((dealer) => !this.#disqualified.has(dealer))
      .sort((a, b) => a - b);
  }

  #digest(): Uint8Array {
    const inOrder = [...this.#dealings].sort(([a], [b]) => a - b);
    return this.#options.crypto.sha256(...inOrder.map(([, { bytes }]) => bytes));
  }
}

/** On the wire, without the length field of a frame. */
export function dealingSize_bytes({ dealer, commitments, share, signature }: Dealing): number {
  return dealingBytes(dealer, commitments).length + share.length + signature.length;
}

export function echoSize_bytes(echo: Echo): number {
  return 2 + echoBytes(echo).length + echo.signature.length;
}

export function answerSize_bytes({ share }: Answer): number {
  return 4 + share.length;
}

function dealingBytes(dealer: number, commitments: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter().raw(domain).u16(dealer).u16(commitments.length);
  for (const commitment of commitments) writer.raw(commitment);
  return writer.finish();
}

function echoBytes({ dealings, accused }: Pick<Echo, "dealings" | "accused">): Uint8Array {
  const writer = new ByteWriter().raw(echoDomain).raw(dealings).u16(accused.length);
  for (const dealer of accused) writer.u16(dealer);
  return writer.finish();
}

/** Undefined where one is no point of the right group, or the point at infinity. */
function pointsOf(commitments: readonly Uint8Array[]): PublicKey[] | undefined {
  try {
    return commitments.map((bytes) => blst.PublicKey.fromBytes(bytes, true));
  } catch {
    return undefined;
  }
}

/** Whether g1^share is the point that the commitments give at the place. */
function fits(o: { points: readonly PublicKey[]; place: number; share: Uint8Array }): boolean {
  try {
    const own = blst.SecretKey.fromBytes(o.share).toPublicKey().toBytes();
    return equalBytes(own, pointAt(o.points, o.place).toBytes());
  } catch {
    return false; // No scalar below the group's order.
  }
}
