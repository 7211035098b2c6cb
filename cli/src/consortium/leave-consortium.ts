import { type EngineChoice, faultyMaxOf, quorumOf, votersMinOf } from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import { loadTlsIdentity, type TlsIdentity } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { pause } from "../up/pause.ts";
import type { NodeChanges, NodeStatus } from "./ask-node.ts";
import { type Member, openMember, propose } from "./member-votes.ts";
import { type NodePaths, readBootstrap, readNodeConfig, readNodeSettings } from "./node-folder.ts";
import { markLeft, nodeProcess } from "./node-lock.ts";
import { reachPeer } from "./reach-peer.ts";

const look_ms = 250;
const stopLimit_ms = 60_000;

export interface LeaveOptions {
  readonly paths: NodePaths;
  readonly context: CommandContext;
  readonly clock: Clock;
  /** Leave even where the others would then bear no faulty validator. */
  readonly isFragileAllowed: boolean;
}

/** How it went. */
export interface Left {
  readonly id: string;
  /** Block that ended the seat; null where the others cut this node off before it saw that block. */
  readonly height: number | null;
  readonly took_ms: number;
}

/**
 * Takes the node's validator out of the consortium, where it runs on this machine: asks for its own
 * removal, waits for the other members' votes and until the next set decides, then stops the node for
 * good. Safe to repeat after it was interrupted. NODE_SILENT, NO_SEAT, SET_TOO_SMALL, NO_QUORUM,
 * NODE_RUNS_ON, and the chain's own codes.
 */
export async function leaveConsortium(options: LeaveOptions): Promise<Left> {
  const { paths, context, clock } = options;
  const { id } = readNodeSettings(paths);
  const begun_ms = clock.monotonic_ms();
  const member = openMember(paths, context.environment);
  const identity = loadTlsIdentity(readNodeConfig(paths, context.environment));
  let step = await nextStep({ ...options, id, member, identity });
  while (typeof step === "string") {
    context.terminal.progress(step);
    await pause(look_ms);
    step = await nextStep({ ...options, id, member, identity });
  }
  context.terminal.progressDone();
  const { height } = step;
  markLeft(paths, height ?? undefined);
  await stopNode(paths, clock);
  return { id, height, took_ms: clock.monotonic_ms() - begun_ms };
}

type Step = LeaveOptions & {
  readonly id: string;
  readonly member: Member;
  readonly identity: TlsIdentity;
};

/** What is waited for, or the block that ended the seat once others decide without this node. */
async function nextStep(options: Step): Promise<string | { height: number | null }> {
  const { id, member } = options;
  const status = await member.node.status();
  const { removedHeight } = status;
  if (!status.validators.some((seat) => seat.id === id)) {
    if (removedHeight === null) throw noSeat(id);
    return { height: removedHeight };
  }
  const own = ownRemoval(await member.node.changes(), id);
  const hasVoted = own?.approvals.includes(id) === true;
  if ((removedHeight !== null || hasVoted) && (await isCutOff(options, status))) {
    return { height: removedHeight };
  }
  if (removedHeight !== null) return `block ${removedHeight} ends the seat: one more block`;
  if (own !== undefined && hasVoted) return waitingText(id, own);
  if (own === undefined) requireOthers(options, status);
  return voteOut(member, id);
}

function ownRemoval(
  { changes }: NodeChanges,
  id: string,
): NodeChanges["changes"][number] | undefined {
  return changes.find(({ kind, subject }) => kind === "remove-validator" && subject === id);
}

function waitingText(id: string, { approvals, needed }: NodeChanges["changes"][number]): string {
  return `${approvals.length} of ${needed} votes; the other members run: voltfog consortium approve <node> ${id}`;
}

/** Another change of the validators may be on its way: then the same is tried again. */
async function voteOut(member: Member, id: string): Promise<string> {
  try {
    await propose(member, { kind: "remove-validator", id });
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    if (code !== "CHANGE_PENDING") throw thrown;
    return "another change of the validators comes first";
  }
  return "voted for its own removal";
}

/** The others must stay a set by the engine's rules, bear a fault, and be there to decide. */
function requireOthers({ id, isFragileAllowed }: Step, status: NodeStatus): void {
  const { engine, validators, peers } = status;
  const others = validators.filter((seat) => seat.id !== id);
  const problem = setProblem(engine, { count: others.length, isFragileAllowed });
  if (problem !== undefined) throw problem;
  const answering = peers.filter(
    (peer) => peer.connected && others.some((seat) => seat.id === peer.id && !seat.quarantined),
  ).length;
  const needed = quorumOf(engine, others.length);
  if (answering >= needed) return;
  throw complaint({
    code: "NO_QUORUM",
    what: `${answering} of the other ${others.length} validators are connected, and ${needed} must decide without this one`,
    remedy: "wait until they are back: see voltfog validator list",
  });
}

function setProblem(
  engine: EngineChoice,
  others: { count: number; isFragileAllowed: boolean },
): Error | undefined {
  const { count, isFragileAllowed } = others;
  const code = "SET_TOO_SMALL";
  const least = Math.max(1, votersMinOf({ ...engine, redundant: 0 }));
  if (count < least) {
    const what = `${count} validators would be left, and this chain needs ${least}`;
    return complaint({ code, what, remedy: "have another validator admitted first" });
  }
  if (isFragileAllowed || faultyMaxOf(engine, count) >= 1) return undefined;
  return complaint({
    code,
    what: `the ${count} validators that would be left bear no fault: the chain would stand with any of them`,
    remedy: "have another validator admitted first, or leave with --fragile",
  });
}

/**
 * Whether f + 1 of the others refuse this node's certificate, which they do from the block on that ended
 * its seat: one of them at least is honest. That block may not have come here any more.
 */
async function isCutOff({ id, paths, identity }: Step, status: NodeStatus): Promise<boolean> {
  if (status.peers.some(({ connected }) => connected)) return false;
  const seats = new Set(status.validators.map((seat) => seat.id).filter((seat) => seat !== id));
  const known = readBootstrap(paths).filter((peer) => seats.has(peer.slice(0, peer.indexOf("@"))));
  const answers = await Promise.all(known.map((peer) => reachPeer(peer, identity)));
  const cutting = answers.filter(({ isCut }) => isCut).length;
  return cutting > faultyMaxOf(status.engine, status.validators.length);
}

/** NODE_RUNS_ON where its process does not end. */
async function stopNode(paths: NodePaths, clock: Clock): Promise<void> {
  const pid = nodeProcess(paths);
  if (pid === undefined) return;
  process.kill(pid, "SIGTERM");
  const end_ms = clock.monotonic_ms() + stopLimit_ms;
  while (nodeProcess(paths) === pid) {
    if (clock.monotonic_ms() >= end_ms) {
      throw complaint({
        code: "NODE_RUNS_ON",
        what: `the seat has ended, but process ${pid} of ${paths.root} does not`,
        remedy: "stop it yourself: nothing needs it any more",
      });
    }
    await pause(look_ms);
  }
}

function noSeat(id: string): Error {
  return complaint({
    code: "NO_SEAT",
    what: `the chain has no seat for ${id}, so there is none to leave`,
    remedy: "stop the node: a validator that was never admitted has nothing to end",
  });
}
