import { deadLetterTopic, downTopic, encodeRefusal, type RefusalCode } from "@voltfog/messages";
import { type Crypto, toHex, type UnitId, utf8, vehicleId } from "@voltfog/runtime";
import type { FrameRefusal } from "../ingest/authenticate-frame.ts";
import type { SendDown } from "./receipts.ts";

const deadLetterVersion = 1;
/** Detail beyond this is cut; a refusal has a limit too. */
const detailMax = 300;

/** Says why a frame was not taken: to its vehicle, to the unit's operators, and as a count per code. */
export class Refusals {
  readonly #unitId: UnitId;
  readonly #send: SendDown;
  readonly #crypto: Crypto;
  readonly #counted: (code: RefusalCode) => void;
  readonly #counts = new Map<RefusalCode, number>();

  constructor(options: {
    unitId: UnitId;
    send: SendDown;
    crypto: Crypto;
    counted: (code: RefusalCode) => void;
  }) {
    this.#unitId = options.unitId;
    this.#send = options.send;
    this.#crypto = options.crypto;
    this.#counted = options.counted;
  }

  /** `bytes` is the frame as it came. */
  say(options: { sender: string; refusal: FrameRefusal; bytes: Uint8Array }): void {
    const { sender, refusal } = options;
    this.count(refusal.code);
    const commitment = toHex(this.#crypto.sha256(options.bytes));
    const message = { ...refusal, detail: refusal.detail.slice(0, detailMax), commitment };
    const vehicle = vehicleId(sender);
    if (vehicle !== undefined) {
      const topic = downTopic(vehicle, "refusal");
      this.#send({ clientId: sender, topic, bytes: encodeRefusal(message) });
    }
    this.#send({
      topic: deadLetterTopic(this.#unitId),
      bytes: utf8(JSON.stringify({ version: deadLetterVersion, ...message, sender })),
    });
  }

  /** For what is refused before there is anybody to tell. */
  count(code: RefusalCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    this.#counted(code);
  }

  /** Refusals since the unit started, by code. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
