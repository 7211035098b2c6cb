import type { PeerAddress } from "@voltfog/consensus/node";
import { CodedError } from "@voltfog/runtime";

/** id, host (an IPv6 address in brackets) and port. */
const form = /^([a-z][a-z0-9-]{0,31})@(\[[0-9a-fA-F:]+\]|[^@:[\]\s]+):(\d{1,5})$/;

/**
 * Where other validators are. One may be named that the genesis file does not know: it was admitted later.
 * PEERS_INVALID names the entry and what is wrong with it.
 */
export function parsePeers(options: {
  peers: readonly string[];
  /** This validator's own id. */
  self: string;
}): readonly PeerAddress[] {
  const seen = new Set<string>();
  return options.peers.map((text) => {
    const [, id, host, portText] = form.exec(text) ?? [];
    const port = Number(portText);
    if (id === undefined || host === undefined || port < 1 || port > 65_535) {
      throw invalid(`${text} is not id@host:port`);
    }
    if (id === options.self) throw invalid(`${id} is this validator itself`);
    if (seen.has(id)) throw invalid(`${id} is named twice`);
    seen.add(id);
    return { id, host: host.replace(/^\[|\]$/g, ""), port };
  });
}

function invalid(message: string): CodedError {
  return new CodedError({
    code: "PEERS_INVALID",
    message,
    remedy: "name other validators once each, as id@host:port",
  });
}
