import type { SiteProcess } from "../site/site-processes.ts";
import { getBytes } from "./http-json.ts";

/** What a process still lacks, empty when it is ready. */
export async function missingOf(process: Pick<SiteProcess, "ports">): Promise<readonly string[]> {
  try {
    const { status, body } = await getBytes(`http://127.0.0.1:${process.ports.http}/ready`);
    if (status === 200) return [];
    const { missing } = JSON.parse(new TextDecoder().decode(body)) as { missing?: unknown };
    return Array.isArray(missing) && missing.length > 0 ? missing.map(String) : ["not ready"];
  } catch {
    return ["no answer"];
  }
}

export interface Readiness {
  readonly ready: number;
  readonly of: number;
  /** "unit-2: no answer" for those that are not ready. */
  readonly waiting: readonly string[];
}

export async function readinessOf(processes: readonly SiteProcess[]): Promise<Readiness> {
  const lacks = await Promise.all(processes.map(missingOf));
  const waiting = processes.flatMap((process, i) => {
    const missing = lacks[i] ?? [];
    return missing.length === 0 ? [] : [`${process.id}: ${missing.join(", ")}`];
  });
  return { ready: processes.length - waiting.length, of: processes.length, waiting };
}
