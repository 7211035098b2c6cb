import { Agent, request } from "node:http";
import { type Clock, SeededRandom } from "@voltfog/runtime";

/** What came back, in the order of the asking. */
export interface LoadResult {
  /** From when a request was due, not from when it was sent: a queue in front of the client counts. */
  readonly took_ms: readonly number[];
  readonly failed: number;
}

/** Where drivers ask: the box of Paris. */
const box = { south: 48.818, north: 48.9, west: 2.26, east: 2.41 } as const;
const sockets = 32;

/** Sends requests at a steady rate, whether earlier ones were answered or not. */
export async function requestLoad(o: {
  web: string;
  path: string;
  /** Drivers at random places ask; otherwise a plain GET. */
  isAsking: boolean;
  rate_Hz: number;
  count: number;
  seed: number;
  clock: Clock;
}): Promise<LoadResult> {
  const random = new SeededRandom(o.seed);
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const start_ms = o.clock.monotonic_ms();
  const answers: Promise<number | undefined>[] = [];
  for (let sent = 0; sent < o.count; sent++) {
    const due_ms = start_ms + (1000 * sent) / o.rate_Hz;
    const early_ms = due_ms - o.clock.monotonic_ms();
    if (early_ms > 0) await new Promise<void>((resolve) => o.clock.after(early_ms, resolve));
    const body = o.isAsking ? JSON.stringify(question(random)) : undefined;
    // A timer may end a fraction of a millisecond early; such a request is timed from its sending.
    const from_ms = Math.min(due_ms, o.clock.monotonic_ms());
    const answered = call({ url: o.web + o.path, agent, body });
    answers.push(answered.then((ok) => (ok ? o.clock.monotonic_ms() - from_ms : undefined)));
  }
  const times = await Promise.all(answers);
  agent.destroy();
  const took_ms = times.filter((time_ms) => time_ms !== undefined);
  return { took_ms, failed: times.length - took_ms.length };
}

function question(random: SeededRandom): object {
  const within = (low: number, high: number): number => low + (high - low) * random.uniform();
  return {
    latitude: within(box.south, box.north),
    longitude: within(box.west, box.east),
    soc: within(0.15, 0.6),
    limit: 10,
  };
}

function call(o: { url: string; agent: Agent; body: string | undefined }): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = o.body === undefined ? {} : { "content-type": "application/json" };
    const method = o.body === undefined ? "GET" : "POST";
    const sent = request(o.url, { method, agent: o.agent, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode === 200));
      answer.once("error", () => resolve(false));
    });
    sent.once("error", () => resolve(false));
    sent.end(o.body);
  });
}
