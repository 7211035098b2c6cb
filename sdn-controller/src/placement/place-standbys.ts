import type { Attachment } from "./attachment.ts";
import { choosePlaces } from "./choose-places.ts";
import type { Need, Wish } from "./decision-facts.ts";
import { standbyNeed } from "./load-book.ts";
import { isAlive, isUnknown, questionOf, type Round } from "./round.ts";

/** A standby that is dead, or serves itself now, is replaced: in another zone where there is one with room. */
export function placeStandbys(attachments: Attachment[], round: Round): void {
  const open = [...attachments.keys()].filter((place) => lacksStandby(attachments[place], round));
  const lacking = open.flatMap((place) => attachments[place] ?? []);
  const wishes = lacking.map((here): Wish => {
    const zoneAvoided = round.units.get(here.unitId)?.zone ?? null;
    const need = round.needOf(here.vehicleId);
    const without = new Set([here.unitId, ...unitsTooSmall(need, round)]);
    return { vehicleId: here.vehicleId, need: standbyNeed(need), without, zoneAvoided };
  });
  const loads = round.loads.both;
  const choices = choosePlaces({ ...questionOf(wishes, round), loads });
  for (const [i, here] of lacking.entries()) {
    const standbyUnitId = choices[i]?.unitId ?? null;
    if (standbyUnitId === here.standbyUnitId) continue;
    const after = { ...here, standbyUnitId };
    attachments[open[i] ?? 0] = after;
    round.loads.replace(here, after);
  }
}

function lacksStandby(here: Attachment | undefined, round: Round): boolean {
  if (here === undefined) return false;
  const { standbyUnitId, unitId } = here;
  const isStanding = isAlive(standbyUnitId, round) || isUnknown(standbyUnitId, round);
  return standbyUnitId === unitId || !isStanding;
}

/** Units that could not serve the vehicle if they had to. */
function unitsTooSmall({ cpu }: Need, { units, loads }: Round): readonly string[] {
  const { used } = loads.active;
  return [...units.values()].flatMap(({ id, capacity }) =>
    capacity && (used?.get(id)?.cpu ?? 0) + cpu > capacity.cpu ? [id] : [],
  );
}
