import { complaint } from "../complaint.ts";

/** host:port of a flag; an IPv6 address in brackets. ENDPOINT_INVALID. */
export function parseEndpoint(text: string): { readonly host: string; readonly port: number } {
  const [, host = "", portText = ""] =
    /^(\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9.-]{1,200}):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(portText);
  if (host !== "" && port >= 1 && port <= 65_533) {
    return { host: host.replace(/^\[|\]$/g, ""), port };
  }
  throw complaint({
    code: "ENDPOINT_INVALID",
    what: `--endpoint is ${JSON.stringify(text)}`,
    remedy: "give host:port, such as v2.south.example:8060, with an IPv6 address in brackets",
  });
}
