import type { ValidatorRow } from "../api/shapes.ts";

const causes: Readonly<Record<string, string>> = {
  latency: "its link is slow: the shortest trip takes more than 0.4 s",
  bandwidth: "its link is narrow: what is sent to it waits",
  clock: "its clock is more than a second off",
  stopped: "it is not connected, silent, or stopped again and again",
};

/** What keeps a validator from serving well, in words; empty where nothing does. */
export function serviceCause({ service }: Pick<ValidatorRow, "service">): string {
  if (service.state !== "blunt") return "";
  return service.cause === null
    ? "it seals too few certificates; no measure says why"
    : (causes[service.cause] ?? service.cause);
}
