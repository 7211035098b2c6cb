import type { PeerAddress } from "@voltfog/consensus/node";
import type { Validator } from "@voltfog/ledger";
import { CodedError } from "@voltfog/runtime";

/** id, host (an IPv6 address in brackets) and port. */
const form = /^([a-z][a-z0-9-]{0,31})@(\[[0-9a-fA-F:]+\]|[^@:[\]\s]+):(\d{1,5})$/;

/** Where the other validators are. PEERS_INVALID names the entry and what is wrong with it. */
export function parsePeers(options: {
  peers: readonly string[];
  validators: readonly Validator[];
  self: number;
}): readonly PeerAddress[] {
  const seen = new Set<number>();
  return options.peers.map((text) => {
    const [, id, host, portText] = form.exec(text) ?? [];
    const port = Number(portText);
    if (id === undefined || host === undefined || port < 1 || port > 65_535) {
      throw invalid(`${text} is not id@host:port`);
    }
    const voter = options.validators.findIndex((validator) => validator.id === id);
    if (voter < 0) throw invalid(`the genesis file has no validator ${id}`);
    if (voter === options.self) throw invalid(`${id} is this validator itself`);
    if (seen.has(voter)) throw invalid(`${id} is named twice`);
    seen.add(voter);
    return { voter, host: host.replace(/^\[|\]$/g, ""), port };
  });
}

function invalid(message: string): CodedError {
  return new CodedError({
    code: "PEERS_INVALID",
    message,
    remedy: "name every other validator of the genesis file once, as id@host:port",
  });
}
