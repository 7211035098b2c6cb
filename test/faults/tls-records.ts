import { type CipherGCMTypes, createDecipheriv, createHmac } from "node:crypto";

/** What a process with `--tls-keylog` wrote down: one secret per connection and purpose. */
export class KeyLog {
  readonly #secrets: ReadonlyMap<string, Buffer>;

  /** Lines of "LABEL client-random secret", as all TLS libraries write them. */
  constructor(text: string) {
    this.#secrets = new Map(
      text.split("\n").map((line) => {
        const [label = "", random = "", secret = ""] = line.split(" ");
        return [`${label} ${random}`, Buffer.from(secret, "hex")];
      }),
    );
  }

  secret(label: string, clientRandom: string): Buffer | undefined {
    return this.#secrets.get(`${label} ${clientRandom}`);
  }
}

/** RFC 8446 B.4: the suites of TLS 1.3 with their hash and key length. */
const suites: Readonly<
  Record<number, { cipher: CipherGCMTypes; hash: string; key_bytes: number } | undefined>
> = {
  4865: { cipher: "aes-128-gcm", hash: "sha256", key_bytes: 16 },
  4866: { cipher: "aes-256-gcm", hash: "sha384", key_bytes: 32 },
};
const contentType = { handshake: 22, applicationData: 23 } as const;
const header_bytes = 5;
const tag_bytes = 16;

/** One connection of TLS 1.3 whose secrets are known, read from the bytes of both directions. */
export class TlsConnection {
  readonly #keyLog: KeyLog;
  readonly #flows = { sent: new Flow(), received: new Flow() };
  #clientRandom = "";
  #suite = 0;

  constructor(keyLog: KeyLog) {
    this.#keyLog = keyLog;
  }

  /** What these bytes tell the application at the other end. */
  take(direction: "sent" | "received", bytes: Buffer): Buffer {
    const flow = this.#flows[direction];
    return Buffer.concat(flow.records(bytes).map((record) => this.#plain(flow, record)));
  }

  #plain(flow: Flow, record: Buffer): Buffer {
    const type = record[0];
    if (type === contentType.handshake) this.#hello(flow, record.subarray(header_bytes));
    if (type !== contentType.applicationData) return Buffer.alloc(0);
    const inner = flow.open(record);
    // RFC 8446 §5.2: the true type stands behind the text, before any padding of zeros.
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    return inner[end - 1] === contentType.applicationData
      ? inner.subarray(0, end - 1)
      : Buffer.alloc(0);
  }

  /** RFC 8446 §4.1: ClientHello has its random at byte 6, ServerHello its suite behind the session id. */
  #hello(flow: Flow, message: Buffer): void {
    const isClient = message[0] === 1;
    flow.side = isClient ? "CLIENT" : "SERVER";
    if (isClient) {
      this.#clientRandom = message.toString("hex", 6, 38);
      return;
    }
    this.#suite = message.readUInt16BE(39 + (message[38] ?? 0));
    for (const one of Object.values(this.#flows)) one.keys = this.#keysOf(one.side);
  }

  /** Those of the handshake, then those of the application. */
  #keysOf(side: string): readonly RecordKey[] {
    const labels = [`${side}_HANDSHAKE_TRAFFIC_SECRET`, `${side}_TRAFFIC_SECRET_0`];
    return labels.flatMap((label) => {
      const secret = this.#keyLog.secret(label, this.#clientRandom);
      return secret === undefined ? [] : [new RecordKey(secret, this.#suite)];
    });
  }
}

/** One direction. */
class Flow {
  side = "";
  keys: readonly RecordKey[] = [];
  #rest: Buffer = Buffer.alloc(0);

  records(bytes: Buffer): readonly Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const records: Buffer[] = [];
    for (;;) {
      if (this.#rest.length < header_bytes) return records;
      const length_bytes = header_bytes + this.#rest.readUInt16BE(3);
      if (this.#rest.length < length_bytes) return records;
      records.push(this.#rest.subarray(0, length_bytes));
      this.#rest = this.#rest.subarray(length_bytes);
    }
  }

  /** With the key of the handshake until the first record that only the next one opens. */
  open(record: Buffer): Buffer {
    for (;;) {
      const plain = this.keys[0]?.open(record);
      if (plain !== undefined) return plain;
      if (this.keys.length < 2) throw new Error("a TLS record that no logged key opens");
      this.keys = this.keys.slice(1);
    }
  }
}

/** The key of one direction and phase, with its count of records. RFC 8446 §5.3, §7.3. */
class RecordKey {
  readonly #cipher: CipherGCMTypes;
  readonly #key: Buffer;
  readonly #iv: Buffer;
  #sequence = 0n;

  constructor(secret: Buffer, suiteNumber: number) {
    const suite = suites[suiteNumber];
    if (suite === undefined) throw new Error(`cipher suite ${suiteNumber} is not known here`);
    this.#cipher = suite.cipher;
    this.#key = expand({ secret, label: "key", length_bytes: suite.key_bytes, hash: suite.hash });
    this.#iv = expand({ secret, label: "iv", length_bytes: 12, hash: suite.hash });
  }

  /** Undefined when the record is of another key. */
  open(record: Buffer): Buffer | undefined {
    const nonce = Buffer.from(this.#iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence, 4);
    const decipher = createDecipheriv(this.#cipher, this.#key, nonce);
    decipher.setAAD(record.subarray(0, header_bytes));
    decipher.setAuthTag(record.subarray(-tag_bytes));
    const text = decipher.update(record.subarray(header_bytes, -tag_bytes));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    this.#sequence++;
    return text;
  }
}

/** HKDF-Expand-Label of RFC 8446 §7.1 without context, for at most one block of the hash. */
function expand(o: { secret: Buffer; label: string; length_bytes: number; hash: string }): Buffer {
  const label = Buffer.from(`tls13 ${o.label}`);
  const info = Buffer.concat([
    Buffer.of(o.length_bytes >> 8, o.length_bytes & 255, label.length),
    label,
    Buffer.of(0, 1),
  ]);
  return createHmac(o.hash, o.secret).update(info).digest().subarray(0, o.length_bytes);
}
