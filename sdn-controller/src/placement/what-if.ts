import type { Attachment, Move } from "./attachment.ts";
import { choosePlaces } from "./choose-places.ts";
import type { LatencyOf, UnitView } from "./decision-facts.ts";
import { LoadBook } from "./load-book.ts";
import type { PlacementBook, Situation } from "./placement-book.ts";
import { reviewAttachments } from "./review-attachments.ts";

/** A question that changes nothing. */
export interface WhatIfQuestion {
  /** Units that are gone. */
  readonly down: readonly string[];
  /** So many vehicles more, each with the ways of a known one. */
  readonly vehicles: number;
  /** How many times longer the way to a unit is. */
  readonly slower: ReadonlyMap<string, number>;
}

/** What the controller would do: the answer comes from the code that decides. */
export interface WhatIf {
  readonly before: { readonly cost: number };
  readonly after: {
    readonly cost: number;
    readonly moves: readonly Pick<Move, "vehicleId" | "from" | "to">[];
    readonly unserved: readonly { readonly vehicleId: string; readonly why: string }[];
  };
  readonly units: readonly {
    readonly id: string;
    readonly before: number;
    readonly after: number;
  }[];
  readonly sentence: string;
}

/** Rounds in which supposed vehicles settle; more change nothing that a reader wants to know. */
const roundsMax = 20;

/**
 * What would follow from units that are gone, ways that are longer, and vehicles that come: rounds of the
 * controller's own review on a copy, without cool-down and budget, which only say when. The cost is the sum
 * of latencies in ms of those who are served. Cost: rounds × vehicles × units.
 */
export function whatIf(options: {
  question: WhatIfQuestion;
  book: PlacementBook;
  situation: Situation;
}): WhatIf {
  const { question, book, situation } = options;
  const present = book.attachments;
  const supposed = suppose(situation, question, new Set(present.map((one) => one.vehicleId)));
  let attachments = followDelays(present, supposed.latencyOf);
  const rules = { ...book.rules, moveSamples: 1, moveCooldown_ms: 0, movesPerRoundMax: 1e9 };
  for (let round = 0; round < roundsMax; round++) {
    const now_ms = situation.now_ms + round;
    const units = supposed.unitsFor(attachments);
    const { latencyOf } = supposed;
    const facts = { attachments, units, latencyOf, now_ms, rules, needOf: book.needOf };
    const review = reviewAttachments(facts);
    const isSettled = review.attachments.every(
      ({ unitId, next, from }, i) =>
        unitId === attachments[i]?.unitId && next === undefined && from === undefined,
    );
    attachments = review.attachments;
    if (isSettled) break;
  }
  const down = new Set(question.down);
  const alive = new Set(
    situation.units.filter((unit) => unit.alive || unit.unknown).map(({ id }) => id),
  );
  const isServed = ({ unitId }: Attachment): boolean => alive.has(unitId) && !down.has(unitId);
  const more = addVehicles({ question, book, attachments, supposed });
  const after = [...attachments, ...more.added];
  const unserved = [
    ...attachments
      .filter((one) => !isServed(one))
      .map(({ vehicleId, unitId }) => ({ vehicleId, why: `no unit has room, ${unitId} is gone` })),
    ...more.unserved,
  ];
  const moves = attachments.flatMap(({ vehicleId, unitId: to }, i) => {
    const from = present[i]?.unitId ?? null;
    return from === to ? [] : [{ vehicleId, from, to }];
  });
  const cost = { before: costOf(present), after: costOf(after.filter(isServed)) };
  return {
    before: { cost: cost.before },
    after: { cost: cost.after, moves, unserved },
    units: situation.units.map(({ id }) => ({
      id,
      before: present.filter(({ unitId }) => unitId === id).length,
      after: after.filter((one) => one.unitId === id && isServed(one)).length,
    })),
    sentence: sentenceOf({ moves: moves.length, unserved: unserved.length, ...cost }),
  };
}

interface Supposed {
  readonly latencyOf: LatencyOf;
  unitsFor(attachments: readonly Attachment[]): readonly UnitView[];
}

function suppose(
  { units, latencyOf }: Situation,
  { down, slower }: WhatIfQuestion,
  known: ReadonlySet<string>,
): Supposed {
  const profiles = [...known];
  const gone = new Set(down);
  return {
    latencyOf({ vehicleId, unitId }) {
      const place = Number(/^more-(\d+)$/.exec(vehicleId)?.[1]);
      const as = known.has(vehicleId) ? vehicleId : profiles[place % profiles.length];
      const latency_ms = latencyOf({ vehicleId: as ?? vehicleId, unitId });
      return latency_ms && latency_ms * (slower.get(unitId) ?? 1);
    },
    unitsFor: (attachments) =>
      units.map((unit) => ({
        ...unit,
        alive: unit.alive && !gone.has(unit.id),
        unknown: unit.unknown === true && !gone.has(unit.id),
        holds: () => true,
        connected: new Set(
          attachments.filter(({ unitId }) => unitId === unit.id).map((one) => one.vehicleId),
        ),
      })),
  };
}

function followDelays(present: readonly Attachment[], latencyOf: LatencyOf): readonly Attachment[] {
  return present.map((one) => ({ ...one, latency_ms: latencyOf(one) ?? one.latency_ms }));
}

function addVehicles(options: {
  question: WhatIfQuestion;
  book: PlacementBook;
  attachments: readonly Attachment[];
  supposed: Supposed;
}): { added: Attachment[]; unserved: { vehicleId: string; why: string }[] } {
  const { question, book, attachments, supposed } = options;
  const added: Attachment[] = [];
  const unserved: { vehicleId: string; why: string }[] = [];
  const units = supposed.unitsFor([]);
  // A vehicle that comes has the functions of one that is here.
  const example = attachments[0]?.vehicleId;
  const need = example === undefined ? { cpu: 0, memory_MB: 0 } : book.needOf(example);
  const needOf = (id: string): typeof need => (id.startsWith("more-") ? need : book.needOf(id));
  const loads = new LoadBook({ attachments, needOf });
  const { latencyOf } = supposed;
  const wishes = Array.from({ length: question.vehicles }, (_, i) => ({
    vehicleId: `more-${i}`,
    need,
  }));
  const asked = { wishes, units, loads: loads.active, latencyOf, rules: book.rules };
  for (const [i, choice] of choosePlaces(asked).entries()) {
    const vehicleId = `more-${i}`;
    if (choice === undefined) {
      unserved.push({ vehicleId, why: "no live unit has room for its functions" });
    } else added.push({ vehicleId, ...choice, standbyUnitId: null, since_ms: 0 });
  }
  return { added, unserved };
}

function costOf(attachments: readonly Attachment[]): number {
  return attachments.reduce((sum, { latency_ms }) => sum + (latency_ms ?? 0), 0);
}

function sentenceOf(facts: {
  moves: number;
  unserved: number;
  before: number;
  after: number;
}): string {
  const moves = facts.moves === 1 ? "1 vehicle would move" : `${facts.moves} vehicles would move`;
  const left =
    facts.unserved === 0 ? "all would be served" : `${facts.unserved} would not be served`;
  const cost = `latencies would sum up to ${facts.after.toFixed(1)} ms instead of ${facts.before.toFixed(1)} ms`;
  return `${moves}, ${left}; ${cost}.`;
}
