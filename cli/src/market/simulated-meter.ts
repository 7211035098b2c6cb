import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { meterHash, ocmfKeyOf, ocmfPayload, type SignedMeter, signOcmf } from "@voltfog/market";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { readJsonObject } from "../input-file.ts";

const algorithm = "ECDSA-secp256r1-SHA256";

/** What a meter said at one moment. */
export interface SimulatedReading {
  readonly time_ms: number;
  readonly register_Wh: number;
}

interface OpenSession {
  readonly sessionId: string;
  readonly begin: SimulatedReading;
}

/** The signed values of a session, as the receipt holds them, and what the chain has of them. */
export interface SignedSession {
  readonly hash: Uint8Array;
  readonly signed: SignedMeter;
}

/**
 * The meter of a simulated charge point. Its register only rises, through restarts too: it is on disk before
 * any reading of it leaves. It signs a session's values as OCMF with a key of its own.
 */
export class SimulatedMeter {
  readonly #pileId: string;
  readonly #file: string;
  readonly #secretKey: Uint8Array;
  #register_Wh: number;
  #transactions: number;
  #open: OpenSession | undefined;

  constructor(options: { folder: string; pileId: string; secretKey: Uint8Array }) {
    this.#pileId = options.pileId;
    this.#secretKey = options.secretKey;
    mkdirSync(options.folder, { recursive: true });
    this.#file = join(options.folder, `${options.pileId}.meter.json`);
    const kept = existsSync(this.#file) ? readJsonObject(this.#file) : {};
    this.#register_Wh = wholeOf(kept["register_Wh"]);
    this.#transactions = wholeOf(kept["transactions"]);
    this.#open = openOf(kept["open"]);
  }

  get register_Wh(): number {
    return this.#register_Wh;
  }

  count(energy_Wh: number): void {
    this.#register_Wh += energy_Wh;
    this.#keep();
  }

  /** Notes how a session begins, so that a restart in the middle does not lose it. */
  begin(sessionId: string, begin: SimulatedReading): void {
    this.#open = { sessionId, begin };
    this.#keep();
  }

  /** How a session began; undefined for any but the last one. */
  begunBy(sessionId: string): SimulatedReading | undefined {
    return this.#open?.sessionId === sessionId ? this.#open.begin : undefined;
  }

  /** Signs the begin and the end of a session. */
  sign(o: { sessionId: string; begin: SimulatedReading; end: SimulatedReading }): SignedSession {
    this.#transactions++;
    this.#keep();
    const payload = ocmfPayload({
      gateway: `SIMULATED-${this.#pileId}`,
      meterSerial: `SIMULATED-${this.#pileId}`,
      transaction: this.#transactions,
      identification: o.sessionId,
      chargePoint: this.#pileId,
      readings: [
        { ...o.begin, reason: "B" },
        { ...o.end, reason: "E" },
      ],
    });
    const secretKey = this.#secretKey;
    const signed = {
      key: ocmfKeyOf({ algorithm, secretKey }),
      records: [signOcmf({ payload, algorithm, secretKey })],
    };
    return { signed, hash: meterHash(signed, nodeCrypto) };
  }

  #keep(): void {
    const kept = {
      register_Wh: this.#register_Wh,
      transactions: this.#transactions,
      ...(this.#open === undefined ? {} : { open: this.#open }),
    };
    replaceFileSync(this.#file, `${JSON.stringify(kept)}\n`);
  }
}

/** Signed values as a file and as the cloud take them. */
export function signedMeterJson({ key, records }: SignedMeter): {
  key: string;
  records: readonly string[];
} {
  return { key: toHex(key), records };
}

function openOf(value: unknown): OpenSession | undefined {
  const { sessionId, begin } = (value ?? {}) as { sessionId?: unknown; begin?: unknown };
  const { time_ms, register_Wh } = (begin ?? {}) as Record<string, unknown>;
  if (typeof sessionId !== "string") return undefined;
  return { sessionId, begin: { time_ms: wholeOf(time_ms), register_Wh: wholeOf(register_Wh) } };
}

function wholeOf(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
}
