import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** A block of addresses: all whose first `prefix` bits are those of `bytes`. */
export interface AddressRange {
  readonly family: 4 | 6;
  /** Network order, 4 or 16; behind the prefix all zero. */
  readonly bytes: Uint8Array;
  /** 0–32 or 0–128 bits. */
  readonly prefix: number;
}

export interface AddressProblem extends Problem {
  readonly code: "ADDRESS_INVALID";
  readonly detail: string;
}

const textMax = 64;

/**
 * Reads "10.1.0.0/16", "2001:db8::/32", or one address alone. Bits behind the prefix are refused, as are
 * zones and IPv4 written as IPv6, so that one range has one meaning (RFC 4632, RFC 4291 §2.2–2.3).
 */
export function parseAddressRange(text: string): Outcome<AddressRange, AddressProblem> {
  if (text.length > textMax) return invalid("an address of more than 64 characters");
  const [address = "", length, ...more] = text.split("/");
  const bytes = addressBytes(address);
  if (bytes === undefined || more.length > 0) return invalid(`${text} is no address or range`);
  const bits = bytes.length * 8;
  const prefix = length === undefined ? bits : wholeNumber(length, bits);
  if (prefix === undefined) return invalid(`${text}: the prefix is from 0 to ${bits}`);
  if (isMapped(bytes)) return invalid(`${text}: write it as an IPv4 address`);
  if (bytes.some((byte, at) => byte !== (byte & maskAt(at, prefix)))) {
    return invalid(`${text} has bits behind its prefix`);
  }
  return accepted({ family: bytes.length === 4 ? 4 : 6, bytes, prefix });
}

/** The bytes of an address as a socket tells it: an IPv4 address in IPv6 is the IPv4 address. */
export function hostBytes(address: string): Uint8Array | undefined {
  const bytes = addressBytes(address.split("%")[0] ?? "");
  return bytes !== undefined && isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** Whether the address lies in the range; `host` as {@link hostBytes} gives it. */
export function isInRange(host: Uint8Array, range: AddressRange): boolean {
  return (
    host.length === range.bytes.length &&
    range.bytes.every((byte, at) => ((host[at] ?? 0) & maskAt(at, range.prefix)) === byte)
  );
}

/** The bits of byte `at` that the prefix covers. */
function maskAt(at: number, prefix: number): number {
  const bits = Math.min(8, Math.max(0, prefix - 8 * at));
  return (0xff00 >> bits) & 0xff;
}

function addressBytes(text: string): Uint8Array | undefined {
  return text.includes(":") ? bytesOfV6(text) : bytesOfV4(text);
}

function bytesOfV4(text: string): Uint8Array | undefined {
  const numbers = text.split(".").map((part) => wholeNumber(part, 255));
  if (numbers.length !== 4) return undefined;
  return numbers.every((number) => number !== undefined) ? Uint8Array.from(numbers) : undefined;
}

/** Eight groups, of which one run may be left out as "::", and the last two may be an IPv4 address. */
function bytesOfV6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half, at) => groupBytes(half, at === halves.length - 1));
  if (before === undefined || (halves.length === 2 && after === undefined)) return undefined;
  const tail = after ?? [];
  const left = 16 - before.length - tail.length;
  if (halves.length === 1 ? left !== 0 : left < 2) return undefined;
  return Uint8Array.from([...before, ...new Array<number>(left).fill(0), ...tail]);
}

function groupBytes(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [at, group] of groups.entries()) {
    if (isLast && at === groups.length - 1 && group.includes(".")) {
      const v4 = bytesOfV4(group);
      if (v4 === undefined) return undefined;
      bytes.push(...v4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes.length > 16 ? undefined : bytes;
}

function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 &&
    bytes[11] === 255
  );
}

/** A decimal number without leading zeros, which some read as octal. */
function wholeNumber(text: string, max: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function invalid(detail: string): { readonly ok: false; readonly problem: AddressProblem } {
  return refused({ code: "ADDRESS_INVALID", detail });
}
