import { quantile } from "@voltfog/runtime";

/** Final certificates that count. */
export const certificatesKept = 100;

/** Who sealed a final block, as the block after it shows; late seals are in it. */
export interface CertifiedBlock {
  /** Ids of all that could have sealed it. */
  readonly seats: readonly string[];
  /** With each seal the delay of the proposal that its voter measured. */
  readonly seals: readonly { readonly id: string; readonly delay_ms: number }[];
  /** Whose block it is. */
  readonly proposer: string;
  readonly at_ms: number;
}

/** What the last final certificates say of one validator. */
export interface CertifiedView {
  /** Share of the certificates that carry its seal, 0..1; undefined before it could seal any. */
  readonly participation: number | undefined;
  readonly certificates: number;
  /** Median over its blocks of the median delay that the others measured; undefined without one. */
  readonly delay_ms: number | undefined;
}

/** The last {@link certificatesKept} final certificates. Every validator sees the same ones. */
export class CertifiedService {
  #blocks: CertifiedBlock[] = [];

  add(block: CertifiedBlock): void {
    this.#blocks.push(block);
    if (this.#blocks.length > certificatesKept) this.#blocks.shift();
  }

  /** When the oldest certificate that counts was seen. */
  get since_ms(): number | undefined {
    return this.#blocks[0]?.at_ms;
  }

  of(id: string): CertifiedView {
    const able = this.#blocks.filter(({ seats }) => seats.includes(id));
    const sealed = able.filter(({ seals }) => seals.some((seal) => seal.id === id));
    const delays_ms = this.#blocks
      .filter(({ proposer, seals }) => proposer === id && seals.length > 0)
      .map(({ seals }) =>
        quantile(
          seals.map(({ delay_ms }) => delay_ms),
          0.5,
        ),
      );
    return {
      participation: able.length === 0 ? undefined : sealed.length / able.length,
      certificates: able.length,
      delay_ms: delays_ms.length === 0 ? undefined : quantile(delays_ms, 0.5),
    };
  }
}
