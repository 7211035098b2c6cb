import { ByteWriter, decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { proposerIn, turnCycle } from "./proposer-turns.ts";
import { weightMax, weightsByScore } from "./turn-weights.ts";

/** Full marks of a moving average; its steps are whole numbers, so that every machine gets the same. */
const whole = 1_048_576;
/** A certificate moves a seat's participation by a 64th: most of it is of the last hundred blocks. */
const sealShift = 64;
/** A turn moves what a proposer is known for by an eighth: turns are n times rarer than certificates. */
const turnShift = 8;
/** Milliseconds are kept in sixteenths, so that the average can move by less than one. */
const delayScale = 16;
const delayMax_ms = 60_000;
const seatsMax = 256;

/** What final blocks say of one seat. */
export interface SeatQuality {
  readonly id: string;
  /** Moving average of its seals in final certificates, 0 to 2^20. */
  readonly participation: number;
  /** Moving average of its turns that ended with its proposal, 0 to 2^20. */
  readonly turnsKept: number;
  /** Moving average of its proposals' median delay, sixteenths of a millisecond. */
  readonly lateness: number;
  /** Of this term, 1 to {@link weightMax}; before the clamp. */
  readonly weight: number;
  /** Its turns in the cycle by which this block's proposer was found, and its rank among equals. */
  readonly turns: number;
  readonly rank: number;
}

/** A seat of those who decide a block, as the cycle of turns has it. */
export interface SeatTurns {
  readonly id: string;
  readonly turns: number;
  readonly rank: number;
}

/** What a final certificate says: who sealed, how late the proposal came, and which rounds failed. */
export interface ParentService {
  readonly height: number;
  readonly round: number;
  readonly seals: readonly { readonly validator: number; readonly delay_ms: number }[];
  /**
   * Whose block it is, by its place, under an engine whose turns the cycle does not share out; -1 where it has
   * no seat. Such an engine's failed turns are not told from final blocks: only a round 0 that decided counts.
   */
  readonly builder?: number;
}

/** The weight of this term, before the clamp: of a seat that is not known yet the lowest that any has. */
export function termWeightOf(
  id: string,
  records: readonly Pick<SeatQuality, "id" | "weight">[],
): number {
  const lowest = records.reduce((low, { weight }) => Math.min(low, weight), weightMax);
  return records.find((record) => record.id === id)?.weight ?? lowest;
}

/**
 * The records at a block that shows its parent's certificate. Only what final blocks hold goes in, so every
 * machine comes to the same. At the end of a term the weights are drawn anew from service; in between they
 * stay.
 */
export function qualityAfter(options: {
  /** As the parent left them, in the order of the seats that decided it. */
  records: readonly SeatQuality[];
  /** undefined at height 1, whose parent has no certificate. */
  parent: ParentService | undefined;
  /** Those that decide the block. */
  seats: readonly SeatTurns[];
  isTermEnd: boolean;
  blockInterval_ms: number;
}): readonly SeatQuality[] {
  const { records, parent } = options;
  const known = new Map(
    (parent === undefined ? records : withService(records, parent)).map((one) => [one.id, one]),
  );
  const noted = options.seats.map(({ id, turns, rank }) => {
    const newcomer = { id, participation: whole, turnsKept: whole, lateness: 0 };
    const record = known.get(id) ?? { ...newcomer, weight: termWeightOf(id, records) };
    return { ...record, turns, rank };
  });
  return options.isTermEnd ? withWeights(noted, options.blockInterval_ms) : noted;
}

function withService(records: readonly SeatQuality[], parent: ParentService): SeatQuality[] {
  if (records.length === 0) return [];
  const cycle = turnCycle(
    records.map(({ turns }) => turns),
    records.map(({ rank }) => rank),
  );
  const sealed = new Set(parent.seals.map(({ validator }) => validator));
  return records.map((record, place) => {
    const participation = moved(record.participation, sealed.has(place) ? whole : 0, sealShift);
    const seats = records.length;
    return withTurns({ ...record, participation }, { parent, place, cycle, seats });
  });
}

/** The rounds of the height that were this seat's: all but the last one ended without a decision. */
function withTurns(
  record: SeatQuality,
  at: { parent: ParentService; place: number; cycle: Uint16Array; seats: number },
): SeatQuality {
  const { parent, place, cycle } = at;
  const { height, seals } = parent;
  if (parent.builder !== undefined && parent.round > 0) return record;
  let { turnsKept, lateness } = record;
  // A height that drags on says nothing more of its proposers after each had one turn.
  const first = Math.max(0, parent.round - at.seats);
  for (let round = first; round <= parent.round; round++) {
    const turn = parent.builder ?? proposerIn(cycle, { height, round });
    if (turn !== place) continue;
    const isKept = round === parent.round;
    turnsKept = moved(turnsKept, isKept ? whole : 0, turnShift);
    if (isKept) lateness = moved(lateness, delayScale * medianDelay_ms(seals), turnShift);
  }
  return { ...record, turnsKept, lateness };
}

/** The lower median of what the sealers say: with f liars among them still between two honest ones. */
function medianDelay_ms(seals: ParentService["seals"]): number {
  const delays_ms = seals
    .map(({ delay_ms }) => Math.min(delay_ms, delayMax_ms))
    .sort((a, b) => a - b);
  return delays_ms[Math.floor((delays_ms.length - 1) / 2)] ?? 0;
}

/** One step of a moving average; the last units are taken too, so that it reaches its goal. */
function moved(mean: number, to: number, shift: number): number {
  const step = Math.trunc((to - mean) / shift);
  return step === 0 ? mean + Math.sign(to - mean) : mean + step;
}

function withWeights(
  records: readonly SeatQuality[],
  blockInterval_ms: number,
): readonly SeatQuality[] {
  const weights = weightsByScore(records.map((record) => scoreOf(record, blockInterval_ms)));
  return records.map((record, i) => ({ ...record, weight: weights[i] ?? 1 }));
}

/** Seals × turns kept × interval / (interval + lateness): a proposal as late as the interval halves it. At most 2^20. */
function scoreOf(
  { participation, turnsKept, lateness }: SeatQuality,
  blockInterval_ms: number,
): number {
  const scaledInterval = delayScale * blockInterval_ms;
  const service = Math.floor((participation * turnsKept) / whole);
  return Math.floor((service * scaledInterval) / (scaledInterval + lateness));
}

/** u8 1 · list of { text id · u32 participation · u32 turns kept · u32 lateness · u8 weight · u16 turns · u16 rank }. */
export function encodeQuality(records: readonly SeatQuality[]): Uint8Array {
  const writer = new ByteWriter().u8(1).u32(records.length);
  for (const { id, participation, turnsKept, lateness, weight, turns, rank } of records) {
    writer.text(id).u32(participation).u32(turnsKept).u32(lateness);
    writer.u8(weight).u16(turns).u16(rank);
  }
  return writer.finish();
}

export function decodeQuality(
  bytes: Uint8Array,
): Outcome<readonly SeatQuality[], MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== 1) reader.fail("unknown version");
    return reader.list({
      limit: seatsMax,
      read: (each) => ({
        id: each.text(),
        participation: each.u32(),
        turnsKept: each.u32(),
        lateness: each.u32(),
        weight: each.u8(),
        turns: each.u16(),
        rank: each.u16(),
      }),
    });
  });
}
