import { type BackboneSpan, backboneHeaders, backboneSubject } from "@voltfog/messages";
import { accepted, ByteWriter, CodedError, utf8 } from "@voltfog/runtime";
import type { BackboneMessage } from "@voltfog/runtime/nats";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BackboneReader, NatsLink } from "./nats-link.ts";
import type { PageAsk, UnitLink } from "./unit-link.ts";

const unitId = "unit-1";
const ask: Omit<PageAsk, "from"> = {
  log: 1,
  limit: 5,
  wait_ms: 10,
  signal: new AbortController().signal,
};

function pageOf({ from, to }: BackboneSpan): Uint8Array {
  const writer = new ByteWriter().u8(1).u32(to - from);
  for (let index = from; index < to; index++) {
    writer.u64(index).u64(0).block(Uint8Array.of(index)).block(new Uint8Array());
  }
  return writer.block(utf8("note")).finish();
}

/** A stream that gives its messages in order, each until it is done, and some of them once more. */
function streamOf(
  messages: readonly { bytes: Uint8Array; span: BackboneSpan }[],
  options: { again?: ReadonlySet<number> } = {},
): BackboneReader & { subjects: string[] } {
  const queue = messages.flatMap((message, i) =>
    options.again?.has(i) ? [message, message] : [message],
  );
  const subjects: string[] = [];
  return {
    subjects,
    next({ subject }) {
      subjects.push(subject);
      const [first] = queue;
      if (first === undefined) return Promise.resolve(undefined);
      const headers = backboneHeaders({ kind: "entries", unitId, id: "x", span: first.span });
      const message: BackboneMessage = {
        bytes: first.bytes,
        header: (name) => headers[name] ?? "",
        done: () => {
          if (queue[0] === first) queue.shift();
        },
      };
      return Promise.resolve(message);
    },
  };
}

/** The unit itself, which has everything up to a size. */
function unitWith(size: number): UnitLink & { asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    entries({ from, limit }) {
      asked.push(from);
      const entries = Array.from({ length: Math.min(limit, size - from) }, (_, i) => ({
        ...{ index: from + i, accepted_ms: 0 },
        ...{ entry: Uint8Array.of(from + i), frame: new Uint8Array() },
      }));
      return Promise.resolve(accepted({ entries, note: "note" }));
    },
    events: () => Promise.resolve([]),
    logs: () => Promise.reject(new CodedError({ code: "UNREACHABLE", message: "nobody" })),
  };
}

/** All entry indexes that a reader gets, from the cursor that it keeps itself. */
async function readAll(link: NatsLink, from: number): Promise<number[]> {
  const seen: number[] = [];
  for (let empty = 0; empty < 2; ) {
    const page = await link.entries({ ...ask, from: from + seen.length });
    if (page === undefined) empty += 1;
    else if (page.ok) seen.push(...page.value.entries.map(({ index }) => index));
    else throw new Error(page.problem.code);
  }
  return seen;
}

const spans = fc
  .array(fc.tuple(fc.integer({ min: -6, max: 4 }), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => {
    let end = 0;
    return steps.map(([gap, length]) => {
      const from = Math.max(0, end + gap);
      end = Math.max(end, from + length);
      return { from, to: from + length };
    });
  });

test("each entry is given once and in order, however messages overlap, repeat or are missing", async () => {
  await fc.assert(
    fc.asyncProperty(spans, fc.nat(20), fc.array(fc.nat(12)), async (given, start, twice) => {
      const end = Math.max(...given.map(({ to }) => to));
      const messages = given.map((span) => ({ span, bytes: pageOf(span) }));
      const backbone = streamOf(messages, { again: new Set(twice) });
      const link = new NatsLink({ unitId, backbone, direct: unitWith(end) });
      const expected = Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
      expect(await readAll(link, start)).toEqual(expected);
    }),
  );
});

test("the unit is asked only for what the stream does not hold", async () => {
  const kept = [
    { from: 0, to: 4 },
    { from: 9, to: 12 },
  ];
  const backbone = streamOf(kept.map((span) => ({ span, bytes: pageOf(span) })));
  const direct = unitWith(12);
  const link = new NatsLink({ unitId, backbone, direct });
  expect(await readAll(link, 0)).toHaveLength(12);
  expect(direct.asked).toEqual([4]);
  expect(new Set(backbone.subjects)).toEqual(
    new Set([backboneSubject({ kind: "entries", unitId, log: 1 })]),
  );
  expect(await link.logs(ask.signal)).toEqual([]);
});

test("events before the cursor are passed over, and for bytes that are no list the unit is asked", async () => {
  const items = [1, 2, 3].map((cursor) => ({ cursor }));
  const span = { from: 1, to: 4 };
  const feed = streamOf([{ span, bytes: utf8(JSON.stringify(items)) }]);
  const link = new NatsLink({ unitId, backbone: feed, direct: unitWith(0) });
  expect(await link.events({ ...ask, from: 0 })).toEqual(items);
  expect(await link.events({ ...ask, from: 3 })).toEqual(items.slice(2));
  expect(await link.events({ ...ask, from: 4 })).toEqual([]);
  const broken = streamOf([{ span, bytes: utf8("{") }]);
  const direct: UnitLink = { ...unitWith(0), events: () => Promise.resolve(items) };
  const other = new NatsLink({ unitId, backbone: broken, direct });
  expect(await other.events({ ...ask, from: 1 })).toEqual(items);
});
