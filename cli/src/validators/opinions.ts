/** One validator in the status of another. */
export interface ValidatorRow {
  readonly id: string;
  readonly organisation: string;
  readonly state: "agile" | "blunt" | "unknown";
  readonly cause: "latency" | "bandwidth" | "clock" | "stopped" | null;
  readonly participation: number | null;
  readonly delay_ms: number | null;
  readonly bandwidth_bytes_per_s: number | null;
  readonly clockOffset_ms: number | null;
  readonly weight: number;
  readonly quarantined: boolean;
}

/** What is read of a validator's status. */
export interface ValidatorStatus {
  readonly id: string;
  readonly height: number;
  readonly validators: readonly ValidatorRow[];
}

/**
 * One row for each validator: what most of those asked say of it, each of the others one voice. Where
 * they differ, the row is that of the majority's first in the order of the set; a validator that nobody
 * else was asked about speaks for itself. At least one status.
 */
export function opinions(statuses: readonly ValidatorStatus[]): readonly ValidatorRow[] {
  const newest = statuses.reduce((high, each) => (each.height > high.height ? each : high));
  return newest.validators.map(({ id }) => {
    const others = statuses.filter((status) => status.id !== id);
    const asked = others.length > 0 ? others : statuses;
    const rows = asked.flatMap(({ validators }) => validators.filter((row) => row.id === id));
    return mostSaid(rows) as ValidatorRow;
  });
}

function mostSaid(rows: readonly ValidatorRow[]): ValidatorRow | undefined {
  const counts = new Map<string, number>();
  const voice = ({ state, cause }: ValidatorRow): string => `${state} ${cause}`;
  for (const row of rows) counts.set(voice(row), (counts.get(voice(row)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return rows.find((row) => counts.get(voice(row)) === most);
}
