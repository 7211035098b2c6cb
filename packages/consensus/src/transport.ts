/** What a transport tells its owner. Voters are indices in the genesis order. */
export interface TransportHandlers {
  /** A new authenticated connection; whatever was sent before may be lost. */
  connected(voter: number): void;
  disconnected(voter: number): void;
  received(voter: number, bytes: Uint8Array): void;
}

/** Messages between validators: authenticated, whole, in order while a connection lasts, lost with it. */
export interface Transport {
  /** Starts listening and dialling; resolves with the port. PORT_IN_USE when another process has it. */
  start(handlers: TransportHandlers): Promise<number>;
  /** False where the message was dropped: no connection, or too much waits on it already. */
  send(to: number, bytes: Uint8Array): boolean;
  isConnected(voter: number): boolean;
  stop(): Promise<void>;
}
