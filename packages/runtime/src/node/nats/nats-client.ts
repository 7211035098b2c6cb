import { createRequire } from "node:module";

/** What is used of @nats-io/transport-node and @nats-io/jetstream 3.3. */
export interface NatsConnection {
  readonly info?: NatsSettings;
  isClosed(): boolean;
  /** Resolves when the connection is closed, by either end. */
  closed(): Promise<unknown>;
  close(): Promise<void>;
}

export interface NatsHeaders {
  get(name: string): string;
  set(name: string, value: string): void;
}

/** Under the server's own names. */
export type NatsSettings = Readonly<Record<string, unknown>>;

export interface JetStreamMessage {
  readonly data: Uint8Array;
  readonly headers?: NatsHeaders;
  ack(): void;
}

export interface JetStreamManager {
  readonly streams: {
    add(settings: NatsSettings): Promise<unknown>;
    getMessage(
      stream: string,
      query: NatsSettings,
    ): Promise<{ readonly header: NatsHeaders } | null>;
  };
  readonly consumers: { add(stream: string, settings: NatsSettings): Promise<unknown> };
}

export interface JetStream {
  publish(
    subject: string,
    bytes: Uint8Array,
    options: NatsSettings,
  ): Promise<{ readonly duplicate: boolean }>;
  readonly consumers: {
    get(
      stream: string,
      name: string,
    ): Promise<{ next(options: { expires: number }): Promise<JetStreamMessage | null> }>;
  };
}

/** The client library. */
export interface NatsLibrary {
  connect(options: NatsSettings): Promise<NatsConnection>;
  headers(): NatsHeaders;
  jetstream(connection: NatsConnection): JetStream;
  jetstreamManager(connection: NatsConnection): Promise<JetStreamManager>;
}

/** Loaded only where a broker is configured: a site on one machine neither needs nor pays for it. */
export function loadNatsLibrary(): NatsLibrary {
  const require = createRequire(import.meta.url);
  return {
    ...(require("@nats-io/transport-node") as Pick<NatsLibrary, "connect" | "headers">),
    ...(require("@nats-io/jetstream") as Pick<NatsLibrary, "jetstream" | "jetstreamManager">),
  };
}
