import type { Candidates } from "./candidates.ts";
import type { Loads } from "./loads.ts";

/** Less than this share of a cost is rounding, not a gain. */
const gainRatio = 1e-9;

interface Move {
  gain: number;
  to: number;
  /** The function that leaves `to`, and where it goes; −1 for a plain move. */
  displaced: number;
  displacedTo: number;
}

/**
 * Local search on a set of functions: a move to a cheaper unit, an exchange of two, or a chain in which the
 * function that makes room goes to a third unit. Takes the best of each function while anything gains.
 * What leaves a unit wakes those who moved. Gives the sum of the gains.
 */
export function improve(options: {
  loads: Loads;
  candidates: Candidates;
  functions: Iterable<number>;
  passesMax: number;
}): number {
  const { loads, candidates, passesMax } = options;
  let gained = 0;
  let queue = [...options.functions];
  for (let pass = 0; pass < passesMax && queue.length > 0; pass++) {
    const woken = new Set<number>();
    for (const i of queue) {
      const move = bestMove(loads, candidates, i);
      if (move === undefined) continue;
      const from = loads.unitOf[i] ?? -1;
      gained += move.gain;
      if (move.displaced >= 0) {
        loads.move(move.displaced, move.displacedTo);
        woken.add(move.displaced);
      }
      loads.move(i, move.to);
      woken.add(i);
      wakeUnit(loads, from, woken);
    }
    queue = [...woken];
  }
  return gained;
}

/** Those beside freed room may exchange differently now. */
function wakeUnit(loads: Loads, j: number, woken: Set<number>): void {
  if (j < 0) return;
  for (let k = loads.first[j] ?? -1; k >= 0; k = loads.next[k] ?? -1) woken.add(k);
}

function bestMove(loads: Loads, candidates: Candidates, i: number): Move | undefined {
  const { cost, units } = loads.instance;
  const from = loads.unitOf[i] ?? -1;
  if (from < 0) return undefined;
  const present = cost[i * units + from] ?? 0;
  const best: Move = { gain: gainRatio * present, to: -1, displaced: -1, displacedTo: -1 };
  const end = candidates.start[i + 1] ?? 0;
  for (let at = candidates.start[i] ?? 0; at < end; at++) {
    const gain = present - (candidates.cost[at] ?? 0);
    const to = candidates.unit[at] ?? 0;
    // A displaced function may gain as well, so that the search does not end at the first lesser gain.
    if (gain <= 0) break;
    if (!loads.fits(i, to)) displace({ loads, candidates, i, from, to, gain, best });
    else if (gain > best.gain) setMove(best, gain, to, -1, -1);
  }
  return best.to < 0 ? undefined : best;
}

interface Displacement {
  readonly loads: Loads;
  readonly candidates: Candidates;
  readonly i: number;
  readonly from: number;
  readonly to: number;
  readonly gain: number;
  readonly best: Move;
}

function displace(options: Displacement): void {
  const { loads, i, from, to, gain, best } = options;
  const { cost, units } = loads.instance;
  for (let k = loads.first[to] ?? -1; k >= 0; k = loads.next[k] ?? -1) {
    if (!loads.fitsInPlaceOf(i, to, k)) continue;
    const left = gain + (cost[k * units + to] ?? 0);
    const swap = left - (cost[k * units + from] ?? 0);
    if (swap > best.gain && loads.fitsInPlaceOf(k, from, i)) setMove(best, swap, to, k, from);
    sendOn(options, k, left);
  }
}

/** The cheapest third unit with room for function k, where that gains more than the best so far. */
function sendOn(options: Displacement, k: number, left: number): void {
  const { loads, candidates, from, to, best } = options;
  const end = candidates.start[k + 1] ?? 0;
  for (let at = candidates.start[k] ?? 0; at < end; at++) {
    const chain = left - (candidates.cost[at] ?? 0);
    if (chain <= best.gain) return;
    const third = candidates.unit[at] ?? 0;
    if (third === to || third === from || !loads.fits(k, third)) continue;
    setMove(best, chain, to, k, third);
    return;
  }
}

function setMove(
  best: Move,
  gain: number,
  to: number,
  displaced: number,
  displacedTo: number,
): void {
  best.gain = gain;
  best.to = to;
  best.displaced = displaced;
  best.displacedTo = displacedTo;
}
