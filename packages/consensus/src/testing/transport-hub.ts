import type { Transport, TransportHandlers } from "../transport.ts";

/** Transports of one process that reach each other in the next turn of the loop. For tests. */
export function transportHub(ids: readonly string[]): readonly Transport[] {
  const handlers = new Map<number, TransportHandlers>();
  return ids.map(
    (_, self): Transport => ({
      start: async (own) => {
        handlers.set(self, own);
        return 0;
      },
      send: (to, bytes) => {
        if (!handlers.has(to)) return false;
        setImmediate(() => handlers.get(to)?.received(self, bytes));
        return true;
      },
      isConnected: (peer) => handlers.has(peer),
      get peers() {
        return [...handlers.keys()].filter((peer) => peer !== self);
      },
      numberOf: (id) => (ids.includes(id) ? ids.indexOf(id) : undefined),
      idOf: (peer) => ids[peer],
      review: () => {},
      cutOff: () => {},
      stop: async () => {
        handlers.delete(self);
      },
    }),
  );
}
