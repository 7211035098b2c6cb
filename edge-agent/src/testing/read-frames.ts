import {
  commitmentOf,
  decodePayload,
  type FrameHeader,
  openFrame,
  type Payload,
} from "@voltfog/messages";
import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { FrameQueue } from "../outbox/frame-queue.ts";

export interface ReadFrame {
  readonly header: FrameHeader;
  readonly payload: Payload;
  readonly commitment: Uint8Array;
}

/** What a unit would read from the bytes; fails the test where it would refuse them. */
export function readFrame(bytes: Uint8Array): ReadFrame {
  const opened = openFrame(bytes);
  if (!opened.ok) throw new Error(opened.problem.detail);
  const payload = decodePayload(opened.value);
  if (!payload.ok) throw new Error(payload.problem.detail);
  const commitment = commitmentOf({ frame: bytes, crypto: nodeCrypto });
  return { header: opened.value.header, payload: payload.value, commitment };
}

/** Everything in the queue, in order, without acknowledging it. */
export async function queuedFrames(queue: FrameQueue): Promise<readonly ReadFrame[]> {
  queue.rewind();
  const frames: ReadFrame[] = [];
  for (let stored = await queue.next(); stored !== undefined; stored = await queue.next()) {
    frames.push(readFrame(stored.frame));
  }
  queue.rewind();
  return frames;
}

/** Why these frames are not one unbroken chain in which gap frames cover every number that is missing. */
export function chainFaults(frames: readonly ReadFrame[]): readonly string[] {
  const faults: string[] = [];
  let sequence = 0;
  let commitment = new Uint8Array(32);
  for (const { header, payload, commitment: own } of frames) {
    const gap = payload.type === "gap" && payload.firstSequence > 0 ? payload : undefined;
    const first = gap?.firstSequence ?? header.sequence;
    if (first !== sequence + 1) faults.push(`${header.sequence} follows ${sequence}`);
    if (gap !== undefined && gap.lastSequence !== header.sequence - 1) {
      faults.push(`gap ${gap.firstSequence}..${gap.lastSequence} at ${header.sequence}`);
    }
    if (!equalBytes(header.previous, commitment)) faults.push(`${header.sequence} is not linked`);
    sequence = header.sequence;
    commitment = own as Uint8Array<ArrayBuffer>;
  }
  return faults;
}
