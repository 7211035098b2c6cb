import type { Clock } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { type EnrolledRow, readEnrolledRows, writeEnrolledRows } from "./enrolled-list.ts";
import type { SitePaths } from "./site-folder.ts";
import { inSiteTurn } from "./site-turn.ts";

/**
 * Says whose a vehicle is, from within a second on; undefined: nobody's, so that no token of a fleet sees
 * it. VEHICLE_UNKNOWN, SITE_BUSY.
 */
export function assignFleet(
  paths: SitePaths,
  o: { vehicle: string; fleet: string | undefined; clock: Clock },
): Promise<void> {
  return inSiteTurn({ paths, clock: o.clock }, () => {
    const rows = readEnrolledRows(paths);
    if (!rows.some(({ id }) => id === o.vehicle)) {
      throw complaint({
        code: "VEHICLE_UNKNOWN",
        what: `no vehicle ${o.vehicle} is enrolled in ${paths.enrolled}`,
        remedy: "see voltfog status for the site's vehicles",
      });
    }
    writeEnrolledRows(
      paths,
      rows.map((row) => (row.id === o.vehicle ? assigned(row, o.fleet) : row)),
    );
  });
}

function assigned({ fleet: _before, ...row }: EnrolledRow, fleet: string | undefined): EnrolledRow {
  return fleet === undefined ? row : { ...row, fleet };
}
