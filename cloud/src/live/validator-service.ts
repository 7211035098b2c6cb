import type { ServiceView } from "../api/responses.ts";
import { listOf, numberOrNull, recordOf, textOf } from "./json-value.ts";

/** What one validator says of how another serves the chain. */
export type ServiceWord = Omit<ServiceView, "asked" | "agreed">;

const states = ["agile", "blunt", "unknown"] as const;
const causes = ["latency", "bandwidth", "clock", "stopped"] as const;
const rowsMax = 256;

/** The rows of a validator's status, by whom they are about. */
export function readService(value: unknown): ReadonlyMap<string, ServiceWord> {
  const rows = listOf(value).slice(0, rowsMax).map(recordOf);
  return new Map(
    rows.map((row) => [
      textOf(row["id"]),
      {
        state: states.find((state) => state === row["state"]) ?? "unknown",
        cause: causes.find((cause) => cause === row["cause"]) ?? null,
        participation: numberOrNull(row["participation"]),
        delay_ms: numberOrNull(row["delay_ms"]),
        bandwidth_bytes_per_s: numberOrNull(row["bandwidth_bytes_per_s"]),
        clockOffset_ms: numberOrNull(row["clockOffset_ms"]),
      },
    ]),
  );
}

const unheard: ServiceView = {
  ...{ state: "unknown", cause: null, participation: null, delay_ms: null },
  ...{ bandwidth_bytes_per_s: null, clockOffset_ms: null, asked: 0, agreed: 0 },
};

/**
 * What most of the others say of a validator, each one voice; the words of the first of them. Nobody is asked
 * about itself while another answers: who is slow does not know it.
 */
export function serviceOf(
  id: string,
  statuses: readonly { readonly id: string; readonly words: ReadonlyMap<string, ServiceWord> }[],
): ServiceView {
  const others = statuses.filter((status) => status.id !== id);
  const asked = others.length > 0 ? others : statuses;
  const words = asked.flatMap((status) => status.words.get(id) ?? []);
  const voices = new Map<string, ServiceWord[]>();
  for (const word of words) {
    const voice = `${word.state} ${word.cause}`;
    voices.set(voice, [...(voices.get(voice) ?? []), word]);
  }
  const [most = []] = [...voices.values()].sort((a, b) => b.length - a.length);
  const [first] = most;
  if (first === undefined) return unheard;
  return { ...first, asked: words.length, agreed: most.length };
}
