import { derivedCosignerSeed } from "@voltfog/fog-rsu";
import { encodeChange, signAdmission } from "@voltfog/ledger";
import { type Clock, messageOf } from "@voltfog/runtime";
import {
  nodeCrypto,
  readPassphrase,
  readSealedKey,
  replaceFileSync,
  signerOf,
  signerOfSeed,
} from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { pause } from "../up/pause.ts";
import { RunningNode } from "./ask-node.ts";
import { type NodePaths, readNodeConfig, readNodeSettings } from "./node-folder.ts";
import { ethereumAddress } from "./node-keys.ts";
import { readGenesisOf } from "./read-genesis-of.ts";

const look_ms = 250;

/** Writes the node's request for a seat, signed by its vote key, where its validator reads it. */
export function writeSeatRequest(
  paths: NodePaths,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const { passphraseFile } = readNodeConfig(paths, environment);
  const passphrase = readPassphrase({ file: passphraseFile, environment });
  const { chainId } = readGenesisOf(paths);
  const signer = signerOf(readSealedKey(paths.voteKey, passphrase));
  const seed = derivedCosignerSeed({ chainId, voteSigner: signer, crypto: nodeCrypto });
  const anchorAddress = ethereumAddress(readSealedKey(paths.anchorKey, passphrase));
  const cosignerKey = signerOfSeed(seed).publicKey;
  const admission = { ...readNodeSettings(paths), cosignerKey, anchorAddress };
  replaceFileSync(paths.admission, encodeChange(signAdmission({ chainId, admission, signer })));
}

/** Says how far a joining node is, until it votes. Gives how long that took. */
export async function watchJoining(options: {
  id: string;
  httpPort: number;
  context: CommandContext;
  clock: Clock;
}): Promise<{ height: number; took_ms: number }> {
  const { id, context, clock } = options;
  const node = new RunningNode(options.httpPort);
  const begun_ms = clock.monotonic_ms();
  let isVotedOn = false;
  for (;;) {
    const text = await progressOf(node, id).catch((thrown: unknown) => messageOf(thrown));
    if (typeof text !== "string") {
      context.terminal.progressDone();
      return { height: text.height, took_ms: clock.monotonic_ms() - begun_ms };
    }
    isVotedOn ||= text.endsWith(" approvals");
    // Once the last vote is in, the change is no longer open and the seat not yet there.
    const isDecided = isVotedOn && text.startsWith("asked ");
    context.terminal.progress(isDecided ? "approved: the seat counts in two blocks" : text);
    await pause(look_ms);
  }
}

/** What it waits for, or that it votes. */
async function progressOf(node: RunningNode, id: string): Promise<string | { height: number }> {
  const { height, validators, peers } = await node.status();
  const connected = peers.filter((peer) => peer.connected);
  const highest = Math.max(0, ...connected.map((peer) => peer.height));
  if (connected.length === 0) return "looking for the other validators";
  if (height < highest - 1) return `catching up: block ${height} of ${highest}`;
  if (validators.some((seat) => seat.id === id)) return { height };
  const { changes } = await node.changes();
  const own = changes.find(({ kind, subject }) => kind === "admit-validator" && subject === id);
  if (own === undefined) {
    return `asked ${connected.length} validators for a seat; a member runs: voltfog consortium approve <node> ${id}`;
  }
  return `${own.approvals.length} of ${own.needed} approvals`;
}
