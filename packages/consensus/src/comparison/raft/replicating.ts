import { blockId, blocksSent, type ChainBlock } from "../block.ts";
import type { ComparisonMessage } from "../message.ts";
import { blockAt, blocksFrom, forget, lastHeight, parentOf, take, termAt } from "./raft-log.ts";
import { encodeRaftRecord } from "./raft-record.ts";
import type { Turn } from "./raft-turn.ts";

/** All of the log that is kept, as a replica that starts again tells its owner. */
export function tellLog(turn: Turn): void {
  const added = turn.state.log.blocks;
  if (added.length > 0) turn.effect({ type: "chain-changed", removed: [], added });
}

/** Elected: a block of the new term comes first, for only those may be counted. [Raft §5.4.2, §8] */
export function lead(turn: Turn): void {
  const { replicas, self } = turn.options;
  const height = lastHeight(turn.state.log);
  turn.change({
    role: "leader",
    votes: [],
    next: Array.from({ length: replicas }, () => height + 1),
    match: Array.from({ length: replicas }, (_, i) => (i === self ? height : 0)),
    due_ms: turn.now_ms,
  });
  turn.effect({ type: "cancel-timer", timer: "election" });
  addBlock(turn, []);
}

/** Asks for records, where a block may be made now. One block is on its way at a time. */
export function wantBlock(turn: Turn): void {
  const { role, log, finalHeight, due_ms } = turn.state;
  if (role !== "leader" || lastHeight(log) > finalHeight) return;
  if (due_ms > turn.now_ms) {
    const delay_ms = Math.min(due_ms - turn.now_ms, turn.options.blockInterval_ms);
    turn.effect({ type: "set-timer", timer: "block", delay_ms });
    return;
  }
  turn.change({ ask: turn.state.ask + 1 });
  turn.effect({ type: "gather", ask: turn.state.ask });
}

export function makeBlock(
  turn: Turn,
  { ask, records }: { ask: number; records: readonly Uint8Array[] },
): void {
  const { role, log, finalHeight } = turn.state;
  const isDue = role === "leader" && ask === turn.state.ask && lastHeight(log) <= finalHeight;
  if (isDue && records.length > 0) addBlock(turn, records);
}

function addBlock(turn: Turn, records: readonly Uint8Array[]): void {
  const { options, state, now_ms } = turn;
  const block: ChainBlock = {
    height: lastHeight(state.log) + 1,
    parent: parentOf(state.log, (last) => blockId(last, options.crypto)),
    author: options.self,
    round: state.term,
    made_ms: now_ms,
    nonce: 0,
    records,
    signature: new Uint8Array(),
  };
  turn.change({ due_ms: now_ms + options.blockInterval_ms });
  const change = take(state.log, [block]);
  turn.change({ log: change.log });
  // Sent while the own disk writes: the leader counts itself only in a later step, after this one's effects.
  replicate(turn);
  keep(turn, change.added);
  turn.effect({ type: "chain-changed", removed: [], added: change.added });
  const match = turn.state.match.with(options.self, block.height);
  turn.change({ match });
  count(turn);
}

function keep(turn: Turn, blocks: readonly ChainBlock[]): void {
  turn.effect({ type: "persist", record: encodeRaftRecord({ type: "blocks", blocks }) });
}

/** To every follower what it lacks, and to one that lacks nothing that the leader lives. */
export function replicate(turn: Turn): void {
  for (const replica of turn.others) sendTo(turn, replica);
  const delay_ms = turn.options.heartbeat_ms;
  turn.effect({ type: "set-timer", timer: "heartbeat", delay_ms });
}

function sendTo(turn: Turn, replica: number): void {
  const { log, term, finalHeight, next } = turn.state;
  const from = Math.max(next[replica] ?? 1, log.base.height + 1);
  const blocks: ChainBlock[] = [];
  for (const block of blocksFrom(log, from)) {
    blocks.push(block);
    if (!blocksSent.hasRoom(blocks)) break;
  }
  turn.send([replica], {
    type: "append",
    term,
    previousHeight: from - 1,
    previousTerm: termAt(log, from - 1) ?? 0,
    finalHeight,
    blocks,
  });
  turn.change({ next: turn.state.next.with(replica, from + blocks.length) });
}

export function takeAppend(
  turn: Turn,
  from: number,
  message: Extract<ComparisonMessage, { type: "append" }>,
): void {
  const { term } = turn.state;
  if (message.term < term) {
    turn.send([from], { type: "appended", term, isTaken: false, height: 0 });
    return;
  }
  turn.follow();
  turn.awaitElection();
  const previous = { height: message.previousHeight, term: message.previousTerm };
  const { log } = turn.state;
  if (!isRow(message.blocks, previous.height) || !turn.rules.follows(log, previous)) {
    const height = retryFrom(turn, previous.height);
    turn.send([from], { type: "appended", term, isTaken: false, height });
    return;
  }
  const change = take(log, message.blocks);
  turn.change({ log: change.log });
  if (change.added.length > 0) keep(turn, change.added);
  const height = previous.height + message.blocks.length;
  turn.send([from], { type: "appended", term, isTaken: true, height });
  if (change.added.length > 0) {
    turn.effect({ type: "chain-changed", removed: change.removed, added: change.added });
  }
  finalise(turn, Math.min(message.finalHeight, height));
}

/** Heights without a gap behind the one before. */
function isRow(blocks: readonly ChainBlock[], previousHeight: number): boolean {
  return blocks.every(({ height }, i) => height === previousHeight + 1 + i);
}

/** Where the leader may look next: below the term that contradicts, so a term costs one message. [Raft §5.3] */
function retryFrom(turn: Turn, height: number): number {
  const { log } = turn.state;
  if (height > lastHeight(log)) return lastHeight(log);
  const term = termAt(log, height);
  let at = height;
  while (at > log.base.height && termAt(log, at) === term) at--;
  return at;
}

export function takeAppended(
  turn: Turn,
  from: number,
  message: Extract<ComparisonMessage, { type: "appended" }>,
): void {
  const { role, term, next, match, log } = turn.state;
  if (role !== "leader" || message.term !== term) return;
  if (!message.isTaken) {
    const matched = match[from] ?? 0;
    turn.change({ next: next.with(from, Math.max(matched, message.height) + 1) });
    // Its hint skips a term that both have in part, or its disk lost what it promised: asked again at the next
    // heartbeat, for at once would go round for ever in the second case.
    if (message.height < matched) return;
    // One that is behind the kept blocks cannot be helped; asked again at the next heartbeat only.
    if (message.height >= log.base.height) sendTo(turn, from);
    return;
  }
  const height = Math.min(message.height, lastHeight(log));
  if (height > (match[from] ?? 0)) turn.change({ match: match.with(from, height) });
  if ((next[from] ?? 0) <= lastHeight(log)) sendTo(turn, from);
  count(turn);
}

/** Final is what a quorum has on disk, and with it all that lies below. [Raft §5.4.2] */
function count(turn: Turn): void {
  const { match, log, term, finalHeight } = turn.state;
  const height = match.toSorted((a, b) => b - a)[turn.quorum - 1] ?? 0;
  if (height <= finalHeight || !turn.rules.mayCount({ log, height, term })) return;
  finalise(turn, height);
  // At once: followers say final to their clients as soon as they know.
  replicate(turn);
  wantBlock(turn);
}

function finalise(turn: Turn, height: number): void {
  const { finalHeight, log } = turn.state;
  if (height <= finalHeight) return;
  for (let at = Math.max(finalHeight, log.base.height) + 1; at <= height; at++) {
    const block = blockAt(log, at);
    if (block !== undefined) turn.effect({ type: "final", block });
  }
  turn.change({ finalHeight: height, log: forget(log, height) });
}
