import { accepted, identifierPattern, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** Where one unit answers. */
export interface UnitAddress {
  readonly id: string;
  /** Its HTTPS side for the processes of the site. */
  readonly backboneUrl: string;
  readonly mqttUrl: string;
}

export interface UnitAddressProblem extends Problem {
  readonly code: "UNIT_ADDRESS_INVALID";
  readonly detail: string;
}

const form = "id@https://host:port@mqtthost:port";

/** Reads `id@https://host:port@mqtthost:port`; a list may not name a unit twice. */
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
  const parts = text.split("@");
  const [id, http, mqtt] = parts;
  if (parts.length !== 3 || id === undefined || http === undefined || mqtt === undefined) {
    return undefined;
  }
  if (!identifierPattern.test(id) || !URL.canParse(http)) return undefined;
  const url = new URL(http);
  if (url.protocol !== "https:" || url.hostname === "" || url.pathname !== "/") return undefined;
  if (!/^[^\s:/]+:\d{1,5}$/.test(mqtt) || !URL.canParse(`mqtts://${mqtt}`)) return undefined;
  return { id, backboneUrl: url.origin, mqttUrl: `mqtts://${mqtt}` };
}

function invalid(detail: string): { ok: false; problem: UnitAddressProblem } {
  return refused({ code: "UNIT_ADDRESS_INVALID", detail });
}
