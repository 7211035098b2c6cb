import { type BackboneSpan, backboneSpanOf } from "@voltfog/messages";
import { CodedError, ManualClock, silentLogger } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  BackbonePublisher,
  type BackboneSource,
  type BackboneWriter,
} from "./backbone-publisher.ts";

/** What a server may do with one message. */
type Fate = "taken" | "taken, answer lost" | "lost" | "newest lost";

interface Stored {
  readonly id: string;
  readonly span: BackboneSpan;
  header(name: string): string;
}

/** A stream whose server fails as it is told, one fate per message; later ones are taken. */
class FailingStream implements BackboneWriter {
  readonly stored: Stored[] = [];
  readonly #fates: Fate[];

  constructor(fates: readonly Fate[]) {
    this.#fates = [...fates];
  }

  async publish(o: Parameters<BackboneWriter["publish"]>[0]): Promise<{ isDuplicate: boolean }> {
    const fate = this.#fates.shift() ?? "taken";
    const unanswered = new CodedError({ code: "UNREACHABLE", message: "no answer" });
    if (fate === "lost") throw unanswered;
    if (fate === "newest lost") {
      this.stored.pop();
      throw unanswered;
    }
    const isDuplicate = this.stored.some(({ id }) => id === o.id);
    const header = (name: string): string => o.headers[name] ?? "";
    const span = backboneSpanOf(header);
    if (span === undefined) throw new Error("a message says its span");
    if (!isDuplicate) this.stored.push({ id: o.id, span, header });
    if (fate === "taken, answer lost") throw unanswered;
    return { isDuplicate };
  }

  async newest(): Promise<((name: string) => string) | undefined> {
    return this.stored.at(-1)?.header;
  }
}

/** A log that grows while it is published, read so many positions at a time. */
function growing(pages: readonly number[]): BackboneSource & { size: number } {
  let reads = 0;
  return {
    kind: "entries",
    first: 0,
    size: 3,
    until: () => Promise.resolve(),
    async read(from) {
      const limit = pages[reads++ % pages.length] ?? 1;
      const to = Math.min(this.size, from + limit);
      this.size = Math.min(60, this.size + 2);
      return to > from ? { bytes: Uint8Array.of(from, to), to } : undefined;
    },
  };
}

const fate: fc.Arbitrary<Fate> = fc.constantFrom(
  "taken",
  "taken, answer lost",
  "lost",
  "newest lost",
);

test("the stream holds every position in order, whatever its server loses or fails to answer", async () => {
  const pages = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 25 }), pages, async (fates, limits) => {
      const backbone = new FailingStream(fates);
      const source = growing(limits);
      const shared = { unitId: "unit-1", log: 1, source, backbone, logger: silentLogger };
      const publisher = (): BackbonePublisher =>
        new BackbonePublisher({ ...shared, clock: new ManualClock() });
      let running = publisher();
      for (let step = 0; step < 200; step++) {
        await running.step().catch(() => {});
        if (step % 40 === 39) running = publisher(); // The unit was started again.
      }
      let next = 0;
      for (const { span } of backbone.stored) {
        expect(span.from).toBeLessThanOrEqual(next);
        next = Math.max(next, span.to);
      }
      expect(next).toBe(source.size);
    }),
  );
});

test("a publisher that starts anew goes on behind what the stream has, and repeats nothing", async () => {
  const backbone = new FailingStream([]);
  const source = growing([4]);
  const options = { unitId: "unit-1", log: 2, source, backbone, logger: silentLogger };
  for (let start = 0; start < 5; start++) {
    await new BackbonePublisher({ ...options, clock: new ManualClock() }).step();
  }
  const spans = backbone.stored.map(({ span }) => span);
  expect(spans.map(({ from }) => from).slice(1)).toEqual(spans.map(({ to }) => to).slice(0, -1));
  expect(backbone.stored[0]?.header("ce-id")).toContain("entries.unit-1.2/0-");
});
