/**
 * What a transport tells its owner. A peer is this process's own number for a validator's id, given when it
 * is first met and kept until the process ends, whatever becomes of the validator's seat.
 */
export interface TransportHandlers {
  /** A new authenticated connection; whatever was sent before may be lost. */
  connected(peer: number): void;
  disconnected(peer: number): void;
  received(peer: number, bytes: Uint8Array): void;
}

/** Messages between validators: authenticated, whole, in order while a connection lasts, lost with it. */
export interface Transport {
  /** Starts listening and dialling; resolves with the port. PORT_IN_USE when another process has it. */
  start(handlers: TransportHandlers): Promise<number>;
  /** False where the message was dropped: no connection, or too much waits on it already. */
  send(to: number, bytes: Uint8Array): boolean;
  isConnected(peer: number): boolean;
  /** Everybody who is connected now. */
  readonly peers: readonly number[];
  /** The number of a validator; undefined for one that was never met. */
  numberOf(id: string): number | undefined;
  /** The id behind a number. */
  idOf(peer: number): string | undefined;
  /** The chain has other validators now: dials the new ones and cuts off those that it bars. */
  review(): void;
  /** Ends this peer's connection, and takes none from it for a minute. */
  cutOff(peer: number): void;
  stop(): Promise<void>;
}
