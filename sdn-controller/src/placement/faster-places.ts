import { type Attachment, withoutRival } from "./attachment.ts";
import { choosePlaces } from "./choose-places.ts";
import type { Choice, Wish } from "./decision-facts.ts";
import { questionOf, type Round, roundsOf, wishOf } from "./round.ts";

/** A settled vehicle for which at least one unit is faster beyond doubt. */
interface Gainer {
  readonly place: number;
  readonly here: Attachment & { readonly latency_ms: number };
  readonly wish: Wish;
}

/**
 * Who of the settled leaves for a faster unit. Only units that are faster beyond doubt, by more than a move
 * costs, are asked about; the solver gives the places among all who ask to those who gain most together.
 * When is decided here: rounds in a row, cool-down, budget (greatest gain first), and room at the new unit
 * while the old one is still in use. A change of the list in place.
 */
export function fasterPlaces(attachments: Attachment[], round: Round): void {
  const gainers = round.settled.flatMap((place) => gainerOf(attachments, place, round));
  const asking = new Set(gainers.map(({ place }) => place));
  for (const place of round.settled) {
    const here = attachments[place];
    if (here !== undefined && !asking.has(place)) attachments[place] = withoutRival(here);
  }
  const wishes = gainers.map(({ wish }) => wish);
  const choices = choosePlaces(questionOf(wishes, round));
  const offers = gainers.map((gainer, i) => ({ ...gainer, choice: choices[i] }));
  offers.sort((a, b) => gainOf(b) - gainOf(a));
  const preparing = attachments.filter(({ next }) => next !== undefined).length;
  const budget = { left: Math.max(0, round.rules.movesPerRoundMax - preparing) };
  for (const { place, here, choice } of offers) {
    const after =
      choice === undefined ? withoutRival(here) : goOrWait({ here, choice, round, budget });
    attachments[place] = after;
    round.loads.replace(here, after);
  }
}

function gainOf({ here, choice }: { here: Gainer["here"]; choice: Choice | undefined }): number {
  return choice === undefined ? 0 : here.latency_ms - choice.latency_ms;
}

function gainerOf(attachments: readonly Attachment[], place: number, round: Round): Gainer[] {
  const here = attachments[place];
  if (here === undefined || here.latency_ms === null) return [];
  const { moveGain_ms, moveGainRatio, equalLatency_ms } = round.rules;
  const { vehicleId, unitId, latency_ms } = here;
  // What counts as equal for whoever comes is no reason to leave.
  const least_ms = Math.max(moveGain_ms, moveGainRatio * latency_ms, equalLatency_ms);
  const without = new Set<string>();
  for (const { id, alive } of round.units.values()) {
    const isOut = alive && id !== unitId && sureGain_ms(here, id, round) <= least_ms;
    if (isOut) without.add(id);
  }
  const others = [...round.units.values()].filter(({ id, alive }) => alive && id !== unitId);
  if (others.every(({ id }) => without.has(id))) return [];
  const present = { unitId, moveCost_ms: least_ms };
  const wish = { ...wishOf(vehicleId, round), here: present, without };
  return [{ place, here: { ...here, latency_ms }, wish }];
}

/** By how much the other unit was faster in all of the latest reports: a burst of a few seconds is not. */
function sureGain_ms({ vehicleId, unitId }: Attachment, other: string, round: Round): number {
  const here = round.rangeOf({ vehicleId, unitId });
  const there = round.rangeOf({ vehicleId, unitId: other });
  if (here === undefined || there === undefined) return 0;
  return here.low_ms - there.high_ms;
}

function goOrWait(o: {
  here: Gainer["here"];
  choice: Choice;
  round: Round;
  budget: { left: number };
}): Attachment {
  const { here, choice, round, budget } = o;
  const { rules, now_ms } = round;
  const { unitId, latency_ms, considered } = choice;
  const rounds = roundsOf(here, { unitId, cause: "faster" });
  const isDue = rounds >= rules.moveSamples && now_ms - here.since_ms >= rules.moveCooldown_ms;
  if (!isDue || budget.left === 0 || !hasRoomNow(here.vehicleId, unitId, round)) {
    return { ...here, rival: { unitId, cause: "faster", rounds } };
  }
  budget.left -= 1;
  const gain_ms = here.latency_ms - latency_ms;
  const saved = `${gain_ms.toFixed(1)} ms faster than ${here.unitId} for ${rounds} rounds`;
  const why = `${saved}; ${choice.reason}`;
  return { ...withoutRival(here), next: { unitId, latency_ms, considered, why, since_ms: now_ms } };
}

/** Both units serve for a moment, so who leaves the new one must have left it. */
function hasRoomNow(vehicleId: string, unitId: string, round: Round): boolean {
  const question = questionOf([wishOf(vehicleId, round)], round, ({ id }) => id === unitId);
  return choosePlaces(question)[0] !== undefined;
}
