import {
  decodeBelibFeed,
  type FeedSnapshot,
  feedSuspicion,
  type StatusClass,
  summariseFeed,
} from "@voltfog/forecasting";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { chargerReplay } from "./availability/charger-replay.ts";
import {
  type BelibPoint,
  type BelibState,
  type BelibStatus,
  openBelibPoints,
  openBelibStatus,
} from "./belib.ts";
import { datasetRoot } from "./dataset-root.ts";

const words: Readonly<Record<BelibState, string>> = {
  available: "Disponible",
  charging: "Occupé (en charge)",
  maintenance: "En maintenance",
  unknown: "Inconnu",
  planned: "Mise en service planifiée",
};
let answers: readonly { at_ms: number; bytes: Uint8Array }[];
let points: readonly BelibPoint[];
let snapshots: readonly FeedSnapshot[];

/** Answers constructed from the recorded statuses in the form of the live dataset; not what was sent. */
beforeAll(async () => {
  const root = datasetRoot();
  points = await openBelibPoints({ root });
  const byId = new Map(points.map((point) => [point.pointId, point]));
  const rows = new Map<number, BelibStatus[]>();
  for (const row of await openBelibStatus({ root })) {
    const kept = rows.get(row.snapshot_ms) ?? [];
    rows.set(row.snapshot_ms, kept);
    kept.push(row);
  }
  answers = [...rows].map(([at_ms, statuses]) => {
    const live = statuses.map(({ pointId, state, lastUpdated_ms }) => {
      const { place = null, address = null, municipality = null } = byId.get(pointId) ?? {};
      return Object.fromEntries([
        ["id_pdc", pointId],
        ["statut_pdc", words[state]],
        ["last_updated", new Date(lastUpdated_ms).toISOString().replace(/\.000Z$/, "+00:00")],
        ["adresse_station", address],
        ["coordonneesxy", place === null ? null : { lon: place.longitude, lat: place.latitude }],
        ["code_insee_commune", municipality],
      ]);
    });
    return { at_ms, bytes: new TextEncoder().encode(JSON.stringify(live)) };
  });
  snapshots = answers.map(({ at_ms, bytes }) => {
    const decoded = decodeBelibFeed(bytes, at_ms);
    return decoded.ok ? decoded.value : expect.fail(decoded.problem.detail);
  });
});

test("all 26 recorded snapshots are read, point by point", async () => {
  const seen = snapshots.flatMap(({ at_ms, records }) =>
    records.map(({ pointId, status, updated_ms }) => `${at_ms} ${pointId} ${status} ${updated_ms}`),
  );
  const recorded = (await openBelibStatus({ root: datasetRoot() })).map(
    (row) => `${row.snapshot_ms} ${row.pointId} ${row.state} ${row.lastUpdated_ms}`,
  );
  expect(seen.length).toBeGreaterThanOrEqual(26 * 2090);
  const known = new Set(recorded);
  expect(seen.filter((row) => !known.has(row))).toEqual([]);
});

test("plugs and power come from the recorded points", async () => {
  const { points: recorded } = await chargerReplay({ root: datasetRoot() });
  const known = new Map(
    recorded.map(({ pointId, types, power_kW }) => [pointId, { types, power_kW }]),
  );
  const decoded = decodeBelibFeed(answers[0]?.bytes ?? new Uint8Array(), 0, known);
  const first = decoded.ok ? decoded.value.records[0] : undefined;
  expect(first).toMatchObject({ pointId: "FR*V75*E9001*01*1", power_kW: 22 });
  expect(first?.types).toEqual(["type2", "ccs", "chademo", "schuko", "type3"]);
});

test("no recorded snapshot is suspect, after whatever came before it", () => {
  const summaries = snapshots.map(summariseFeed);
  for (const [i, summary] of summaries.entries()) {
    for (let from = 0; from <= i; from++) {
      expect(feedSuspicion(summary, summaries.slice(from, i))).toBeUndefined();
    }
  }
});

test("nor after some of what came before it, as when a unit was away", () => {
  const summaries = snapshots.map(summariseFeed);
  const places = fc.subarray([...summaries.keys()], { minLength: 1 });
  fc.assert(
    fc.property(places, (kept) => {
      const some = summaries.filter((_, place) => kept.includes(place));
      const newest = some.at(-1);
      expect(newest && feedSuspicion(newest, some.slice(0, -1))).toBeUndefined();
    }),
  );
});

test("planted lies are found in every recorded snapshot that has a history", () => {
  const summaries = snapshots.map(summariseFeed);
  const said = (snapshot: FeedSnapshot, status: StatusClass, every: number): FeedSnapshot => ({
    ...snapshot,
    records: snapshot.records.map((record, i) =>
      ["available", "charging"].includes(record.status) && i % every !== 0
        ? { ...record, status }
        : record,
    ),
  });
  for (const [i, snapshot] of snapshots.entries()) {
    if (i < 3) continue;
    const history = summaries.slice(0, i);
    const judge = (lie: FeedSnapshot): string | undefined =>
      feedSuspicion(summariseFeed(lie), history);
    expect(judge(said(snapshot, "available", 1e9))).toMatch("are taken");
    expect(judge(said(snapshot, "available", 20))).toMatch("are taken");
    expect(judge(said(snapshot, "charging", 1e9))).toMatch("are free");
    expect(judge({ ...snapshot, records: snapshot.records.slice(0, 900) })).toMatch("Only 900");
  }
});
