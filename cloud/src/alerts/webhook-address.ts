import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv6 } from "node:net";
import { CodedError } from "@voltfog/runtime";

/** Where webhooks may go: host:port, and whether a private address behind it is meant. */
export interface AllowedTarget {
  readonly host: string;
  readonly port: number;
  readonly isPrivate: boolean;
}

/** host:port, or private:host:port for one inside the site's own network. CONFIG_INVALID. */
export function readAllowedTargets(items: readonly string[]): readonly AllowedTarget[] {
  return items.map((item) => {
    const [, inside, host = "", port = ""] =
      /^(private:)?(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/.exec(item) ?? [];
    if (host === "" || Number(port) > 65_535) {
      throw new CodedError({
        code: "CONFIG_INVALID",
        message: `webhookAllow: ${JSON.stringify(item)} is no host:port`,
        remedy: "write host:port, or private:host:port for one in the site's own network",
      });
    }
    return { host, port: Number(port), isPrivate: inside !== undefined };
  });
}

/** Where a request goes: the address that was looked at, so that a second look-up cannot give another. */
export interface CheckedTarget {
  readonly url: URL;
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * The address that a webhook may be sent to. WEBHOOK_REFUSED where host and port are not on the list, the
 * scheme is not https (http only to a private loopback), or a name that is not meant to be private leads to
 * an address of this machine or a private network: a webhook must not become a way inside.
 */
export async function checkTarget(
  text: string,
  allowed: readonly AllowedTarget[],
): Promise<CheckedTarget> {
  const url = new URL(text);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const rule = allowed.find((one) => one.host === url.hostname && one.port === port);
  if (rule === undefined) throw refusal(`${url.hostname}:${port} is not in webhookAllow`);
  if (url.username !== "" || url.password !== "") throw refusal("the address holds a login");
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const found = isIP(name) === 0 ? await lookup(name, { all: true }) : [{ address: name }];
  const addresses = found.map(({ address }) => address);
  const [address] = addresses;
  if (address === undefined) throw refusal(`${name} has no address`);
  if (!rule.isPrivate && addresses.some(isInside)) {
    throw refusal(`${name} leads to a private address, which webhookAllow does not say`);
  }
  if (
    url.protocol !== "https:" &&
    !(url.protocol === "http:" && rule.isPrivate && isLoopback(address))
  ) {
    throw refusal(`${url.protocol}//${name} is no https`);
  }
  return { url, address, family: isIPv6(address) ? 6 : 4 };
}

/** Two lists: one of both kinds takes an IPv4 address for the mapped IPv6 one. */
const inside4 = new BlockList();
const inside6 = new BlockList();
for (const [net, prefix] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
  ] as const),
  ...([
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.168.0.0", 16],
  ] as const),
  ...([
    ["198.18.0.0", 15],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const),
] as const) {
  inside4.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  // Unspecified, loopback, IPv4 within (mapped, NAT64, 6to4), unique local, link-local, multicast.
  ...([
    ["::", 127],
    ["::ffff:0:0", 96],
    ["64:ff9b::", 96],
    ["2002::", 16],
  ] as const),
  ...([
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8],
  ] as const),
] as const) {
  inside6.addSubnet(net, prefix, "ipv6");
}

/** Whether an address is of this machine, of a private network, or of no single machine (RFC 6890). */
export function isInside(address: string): boolean {
  return isIPv6(address) ? inside6.check(address, "ipv6") : inside4.check(address, "ipv4");
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

function refusal(message: string): CodedError {
  return new CodedError({ code: "WEBHOOK_REFUSED", message });
}
