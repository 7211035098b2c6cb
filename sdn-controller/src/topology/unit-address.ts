import { accepted, identifierPattern, type Outcome, type Problem, refused } from "@voltfog/runtime";
import type { Resources } from "./unit-status.ts";

/** Where one unit answers. */
export interface UnitAddress {
  readonly id: string;
  /** Its HTTPS side for the processes of the site, over one or several networks. */
  readonly backboneUrls: readonly [string, ...string[]];
  readonly mqttUrl: string;
  /** What goes before the unit's own word; null where the list says nothing. */
  readonly zone: string | null;
  /** More than this of what the unit says of its capacity is not believed. */
  readonly most: Resources | null;
}

export interface UnitAddressProblem extends Problem {
  readonly code: "UNIT_ADDRESS_INVALID";
  readonly detail: string;
}

/** Networks by which one unit is reached. */
const uplinksMax = 8;
const form =
  "id@https://host:port[|https://host:port…]@mqtthost:port[;zone=name][;cpu=cores;memory_MB=megabytes]";

/** Reads `id@https://host:port@mqtthost:port`, with `|` between several uplinks; a list may not name a unit twice. */
export function parseUnitAddresses(
  texts: readonly string[],
): Outcome<readonly UnitAddress[], UnitAddressProblem> {
  const addresses: UnitAddress[] = [];
  for (const text of texts) {
    const address = parseOne(text);
    if (address === undefined) return invalid(`${JSON.stringify(text)} is not ${form}`);
    if (addresses.some((other) => other.id === address.id)) {
      return invalid(`unit ${address.id} is named twice`);
    }
    addresses.push(address);
  }
  return addresses.length === 0
    ? invalid(`name at least one unit as ${form}`)
    : accepted(addresses);
}

function parseOne(text: string): UnitAddress | undefined {
  const [address = "", ...facts] = text.split(";");
  const known = parseFacts(facts);
  if (known === undefined) return undefined;
  const parts = address.split("@");
  const [id, http, mqtt] = parts;
  if (parts.length !== 3 || id === undefined || http === undefined || mqtt === undefined) {
    return undefined;
  }
  if (!identifierPattern.test(id)) return undefined;
  const [first, ...others] = http.split("|").map(backboneUrl);
  if (first === undefined || others.length >= uplinksMax) return undefined;
  const backboneUrls: [string, ...string[]] = [first];
  for (const url of others) {
    if (url === undefined || backboneUrls.includes(url)) return undefined;
    backboneUrls.push(url);
  }
  if (!/^[^\s:/]+:\d{1,5}$/.test(mqtt) || !URL.canParse(`mqtts://${mqtt}`)) return undefined;
  return { id, backboneUrls, mqttUrl: `mqtts://${mqtt}`, ...known };
}

function parseFacts(facts: readonly string[]): Pick<UnitAddress, "zone" | "most"> | undefined {
  const values = new Map<string, string>();
  for (const fact of facts) {
    const [name = "", value = ""] = fact.split("=");
    if (!["zone", "cpu", "memory_MB"].includes(name) || values.has(name)) return undefined;
    values.set(name, value);
  }
  const zone = values.get("zone") ?? null;
  if (zone !== null && !identifierPattern.test(zone)) return undefined;
  if (!values.has("cpu") && !values.has("memory_MB")) return { zone, most: null };
  const [cpu, memory_MB] = [Number(values.get("cpu")), Number(values.get("memory_MB"))];
  return cpu > 0 && memory_MB > 0 ? { zone, most: { cpu, memory_MB } } : undefined;
}

function backboneUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.protocol === "https:" && url.hostname !== "" && url.pathname === "/";
  return isPlain ? url.origin : undefined;
}

function invalid(detail: string): { ok: false; problem: UnitAddressProblem } {
  return refused({ code: "UNIT_ADDRESS_INVALID", detail });
}
