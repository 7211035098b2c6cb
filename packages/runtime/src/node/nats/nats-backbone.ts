import { assert, CodedError, messageOf } from "../../coded-error.ts";
import { clientTls, type TlsIdentity } from "../tls/tls-identity.ts";
import {
  type JetStream,
  type JetStreamManager,
  type JetStreamMessage,
  loadNatsLibrary,
  type NatsConnection,
  type NatsLibrary,
  type NatsSettings,
} from "./nats-client.ts";

export interface NatsBackboneOptions {
  /** tls://host:port. */
  readonly url: string;
  /** Id in the server's certificate of the site's authority. */
  readonly serverId: string;
  readonly identity: TlsIdentity;
  /** This process, as the server's own lists show it. */
  readonly name: string;
  /** All subjects begin with it. */
  readonly prefix: string;
}

/** A message of the stream. */
export interface BackboneMessage {
  readonly bytes: Uint8Array;
  /** Empty where the message has no such header. */
  header(name: string): string;
  /** What it held is stored: it need not come again. */
  done(): void;
}

const addressForm = "tls://host:port";
const stream = "VOLTFOG";
const timeout_ms = 5000;
/** The oldest messages go first: units keep their logs, and whoever finds a hole asks them. */
const streamMax_bytes = 1_073_741_824;
const repeatWindow_ns = 120_000_000_000;
/** What the server must take in one message, which is its default. */
export const messageMax_bytes = 1_000_000;

/**
 * NATS JetStream over mutual TLS. A message is stored in a file of the server before publish resolves, and
 * one with the same id is taken once. Everything that can fail because the server or the way to it is gone
 * throws UNREACHABLE; the next call connects again. CONFIG_INVALID for an address without TLS.
 */
export class NatsBackbone {
  readonly #options: NatsBackboneOptions;
  #open: Promise<OpenBackbone> | undefined;
  #isClosed = false;

  constructor(options: NatsBackboneOptions) {
    if (!/^tls:\/\/[^\s/]+:\d+$/.test(options.url)) {
      throw new CodedError({
        code: "CONFIG_INVALID",
        message: `natsUrl: ${JSON.stringify(options.url)} is not ${addressForm}`,
        remedy: "every link that leaves a process is mutual TLS: give nats-server a certificate",
      });
    }
    this.#options = options;
  }

  /** Resolves when the message is stored. A duplicate is one that the server already has by its id. */
  publish(o: {
    subject: string;
    id: string;
    headers: Readonly<Record<string, string>>;
    bytes: Uint8Array;
  }): Promise<{ readonly isDuplicate: boolean }> {
    assert(o.bytes.length <= messageMax_bytes, "a message fits the server's limit");
    return this.#do(async ({ library, jetStream }) => {
      const headers = library.headers();
      for (const [name, value] of Object.entries(o.headers)) headers.set(name, value);
      const options = { msgID: o.id, headers, timeout: timeout_ms };
      const { duplicate } = await jetStream.publish(o.subject, o.bytes, options);
      return { isDuplicate: duplicate };
    });
  }

  /** A header of the newest message of a subject; undefined where there is none. */
  newest(subject: string): Promise<((name: string) => string) | undefined> {
    return this.#do(async ({ manager }) => {
      const found = await manager.streams
        .getMessage(stream, Object.fromEntries([["last_by_subj", subject]]))
        .catch((thrown: unknown) => {
          if (/no message found/i.test(messageOf(thrown))) return null;
          throw thrown;
        });
      return found === null ? undefined : (name: string) => found.header.get(name);
    });
  }

  /**
   * The next message of a subject for a reader of that name, at most `wait_ms` from now; the same again
   * until it is done.
   */
  next(o: {
    subject: string;
    reader: string;
    wait_ms: number;
  }): Promise<BackboneMessage | undefined> {
    return this.#do(async (open) => {
      await open.ensureReader(o);
      const consumer = await open.jetStream.consumers.get(stream, o.reader);
      const message = await consumer.next({ expires: Math.max(1000, o.wait_ms) });
      return message === null ? undefined : messageOfStream(message);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = await this.#open?.catch(() => undefined);
    await open?.connection.close();
  }

  async #do<T>(task: (open: OpenBackbone) => Promise<T>): Promise<T> {
    this.#open ??= this.#connect();
    const opening = this.#open;
    try {
      const open = await opening;
      if (open.connection.isClosed()) throw new Error("the connection is closed");
      return await open.untilLost(task(open));
    } catch (thrown) {
      if (this.#open === opening) await this.#drop(opening);
      if (thrown instanceof CodedError) throw thrown;
      const message = `${this.#options.url}: ${messageOf(thrown)}`;
      throw new CodedError({ code: "UNREACHABLE", message, cause: thrown });
    }
  }

  /** Whatever failed may have been of the connection: the next call makes a new one. */
  async #drop(opening: Promise<OpenBackbone>): Promise<void> {
    this.#open = undefined;
    const open = await opening.catch(() => undefined);
    await open?.connection.close().catch(() => {});
  }

  async #connect(): Promise<OpenBackbone> {
    if (this.#isClosed) throw new Error("it was closed");
    const { url, serverId, identity, name, prefix } = this.#options;
    const library = loadNatsLibrary();
    const connection = await library.connect({
      servers: url,
      name,
      tls: clientTls(identity, serverId),
      timeout: timeout_ms,
      // Who asks makes a new connection; until it is asked for, nothing waits on a server that is away.
      reconnect: false,
    });
    if (Number(connection.info?.["max_payload"]) < messageMax_bytes) {
      await connection.close();
      throw new Error(`its max_payload is below ${messageMax_bytes}`);
    }
    const manager = await library.jetstreamManager(connection);
    await manager.streams.add(streamSettings(prefix));
    return new OpenBackbone({ library, connection, manager });
  }
}

/** A connection with what was set up on the server over it. */
class OpenBackbone {
  readonly library: NatsLibrary;
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly jetStream: JetStream;
  readonly #readers = new Set<string>();
  /** What is asked now, to be told at once when the connection is gone. */
  readonly #asked = new Set<(reason: Error) => void>();

  constructor(o: { library: NatsLibrary; connection: NatsConnection; manager: JetStreamManager }) {
    this.library = o.library;
    this.connection = o.connection;
    this.manager = o.manager;
    this.jetStream = o.library.jetstream(o.connection);
    void o.connection.closed().then(() => {
      for (const fail of this.#asked) fail(new Error("the connection was lost"));
    });
  }

  /** The answer, or a failure as soon as the connection is lost: the library would wait for its timeout. */
  untilLost<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#asked.add(reject);
      answer.then(resolve, reject).finally(() => this.#asked.delete(reject));
    });
  }

  async ensureReader({ subject, reader }: { subject: string; reader: string }): Promise<void> {
    if (this.#readers.has(reader)) return;
    await this.manager.consumers.add(stream, readerSettings(subject, reader));
    this.#readers.add(reader);
  }
}

function streamSettings(prefix: string): NatsSettings {
  return Object.fromEntries<unknown>([
    ["name", stream],
    ["subjects", [`${prefix}.>`]],
    ["storage", "file"],
    ["retention", "limits"],
    ["discard", "old"],
    ["max_bytes", streamMax_bytes],
    ["duplicate_window", repeatWindow_ns],
  ]);
}

/** One message at a time: the next one comes when this one is stored. */
function readerSettings(subject: string, reader: string): NatsSettings {
  return Object.fromEntries<unknown>([
    ["durable_name", reader],
    ["filter_subject", subject],
    ["ack_policy", "explicit"],
    ["deliver_policy", "all"],
    ["max_ack_pending", 1],
  ]);
}

function messageOfStream(message: JetStreamMessage): BackboneMessage {
  return {
    bytes: message.data,
    header: (name) => message.headers?.get(name) ?? "",
    done: () => message.ack(),
  };
}
