import { encodeMeetingPoints, moduleNumber, v2vAction } from "@voltfog/ledger";
import { authority } from "../../market/market-people.ts";
import type { OrderSigner } from "../../market/order-signer.ts";
import { type Script, type Signed, signedBy } from "./pair-script.ts";

const pointsPerList = 255;
const nameMax = 64;

/**
 * Lists of meeting points that the authority sets, one after the other: the one action of the module whose
 * payload may be long. All clients share the script, since there is one authority.
 */
export class ListScript implements Script {
  readonly #signer: OrderSigner;
  readonly #payload_bytes: number;
  readonly #ready: Signed[] = [];
  #count = 0;

  constructor(o: { signer: OrderSigner; payload_bytes: number }) {
    this.#signer = o.signer;
    this.#payload_bytes = o.payload_bytes;
  }

  next(): Signed {
    return this.#ready.shift() ?? this.#make();
  }

  prepare(count: number): void {
    for (let i = 0; i < count; i++) this.#ready.push(this.#make());
  }

  #make(): Signed {
    const payload = listOf(this.#payload_bytes, this.#count++);
    return signedBy(this.#signer, {
      ...{ by: authority, module: moduleNumber.v2v, action: v2vAction.meetingPoints, payload },
    });
  }
}

/** A list of exactly so many bytes, no two alike. */
export function listOf(size_bytes: number, number: number): Uint8Array {
  const points = [];
  const position = { kind: "plane", east: 0, north: number } as const;
  const empty = (id: number) => ({ id, name: "", position });
  const bare_bytes = encodeMeetingPoints([]).length;
  const point_bytes = encodeMeetingPoints([empty(1)]).length - bare_bytes;
  let left_bytes = size_bytes - bare_bytes;
  for (let id = 1; left_bytes > point_bytes && id <= pointsPerList; id++) {
    const room = left_bytes - point_bytes;
    // What would be left must be room for one more point with a name, or nothing.
    const fits = room <= nameMax ? room : Math.min(nameMax, room - point_bytes - 1);
    points.push({ ...empty(id), name: "p".repeat(fits) });
    left_bytes -= point_bytes + fits;
  }
  return encodeMeetingPoints(points);
}
