import { assert, type Crypto } from "@voltfog/runtime";
import { signTransaction } from "../chain/transaction.ts";
import { logId, logOrigin, signCheckpoint } from "../log/checkpoint.ts";
import { treeCrypto } from "../log/log-hash.ts";
import { consistencyPath, inclusionPath, rootOf } from "../log/proofs.ts";
import {
  checkpointAction,
  encodeCheckpointSubmission,
  encodeLogOpening,
} from "../modules/checkpoints.ts";
import { type Enrolment, encodeEnrolment } from "../modules/device-record.ts";
import { deviceAction } from "../modules/devices.ts";
import { type EventRecord, encodeEventRecord, eventAction } from "../modules/events.ts";
import { encodeRotation, type KeyRotation } from "../modules/key-rotation.ts";
import { encodeSuccession, type KeySuccession } from "../modules/key-succession.ts";
import { moduleNumber } from "../modules/module.ts";
import { validatorAction } from "../modules/validators.ts";
import type { Consortium, Member } from "./consortium.ts";

/** A unit's log as leaf hashes in memory. For tests. */
export class TestLog {
  readonly leaves: Uint8Array[] = [];
  readonly logId: Uint8Array;
  /** For its tree. */
  readonly treeCrypto: Crypto;
  readonly #crypto: Crypto;
  readonly #origin: string;
  readonly #unit: Member;

  constructor(options: { consortium: Consortium; unit: Member; number?: number }) {
    this.#crypto = options.consortium.crypto;
    this.#unit = options.unit;
    const { chain, logHash: hash } = options.consortium.genesis;
    this.treeCrypto = treeCrypto(hash ?? "sha256", this.#crypto);
    const number = options.number ?? 1;
    this.#origin = logOrigin({ chain, unitId: options.unit.id, number, hash });
    const { publicKey } = options.unit.signer;
    this.logId = logId({ origin: this.#origin, publicKey, crypto: this.#crypto });
  }

  note(size: number = this.leaves.length): string {
    const crypto = this.#crypto;
    const root = rootOf(this.leaves.slice(0, size), this.treeCrypto);
    const { signer } = this.#unit;
    return signCheckpoint({ origin: this.#origin, size, root, signer, crypto });
  }

  consistency(from: number, to: number = this.leaves.length): Uint8Array[] {
    return consistencyPath({ leaves: this.leaves, from, to, crypto: this.treeCrypto });
  }

  inclusion(index: number, size: number): Uint8Array[] {
    return inclusionPath({ leaves: this.leaves, index, size, crypto: this.treeCrypto });
  }
}

interface SenderOptions {
  readonly consortium: Consortium;
  readonly sender: Member;
  readonly nonce: number;
}

export function openingTx(
  options: SenderOptions & { note: string; entry: Uint8Array },
): Uint8Array {
  const { consortium, sender, nonce, note, entry } = options;
  return signTransaction({
    chainId: consortium.genesis.chainId,
    module: moduleNumber.checkpoints,
    action: checkpointAction.open,
    nonce,
    payload: encodeLogOpening({ note, entry }),
    signer: sender.signer,
  });
}

export function checkpointTx(
  options: SenderOptions & { note: string; path: readonly Uint8Array[] },
): Uint8Array {
  const { consortium, sender, nonce, note, path } = options;
  return signTransaction({
    chainId: consortium.genesis.chainId,
    module: moduleNumber.checkpoints,
    action: checkpointAction.submit,
    nonce,
    payload: encodeCheckpointSubmission({ note, path }),
    signer: sender.signer,
  });
}

export function eventTx(options: SenderOptions & { event?: Partial<EventRecord> }): Uint8Array {
  const { consortium, sender, nonce } = options;
  return signTransaction({
    chainId: consortium.genesis.chainId,
    module: moduleNumber.events,
    action: eventAction.record,
    nonce,
    payload: encodeEventRecord(eventRecord(options.event)),
    signer: sender.signer,
  });
}

export function eventRecord(event: Partial<EventRecord> = {}): EventRecord {
  return {
    class: "overcharge",
    state: "asserted",
    level: 2,
    timeBucket: 29_333_333,
    pseudonym: new Uint8Array(16).fill(9),
    eventId: new Uint8Array(32).fill(7),
    ...event,
  };
}

export function deviceTx(
  options: SenderOptions & { action: keyof typeof deviceAction; enrolment: Enrolment },
): Uint8Array {
  const { consortium, sender, nonce, action, enrolment } = options;
  return signTransaction({
    chainId: consortium.genesis.chainId,
    module: moduleNumber.devices,
    action: deviceAction[action],
    nonce,
    payload: encodeEnrolment(enrolment),
    signer: sender.signer,
  });
}

export function rotationTx(options: SenderOptions & { rotation: KeyRotation }): Uint8Array {
  const { consortium, sender, nonce, rotation } = options;
  return signTransaction({
    chainId: consortium.genesis.chainId,
    module: moduleNumber.devices,
    action: deviceAction.rotate,
    nonce,
    payload: encodeRotation(rotation),
    signer: sender.signer,
  });
}

export function successionTx(options: SenderOptions & { succession: KeySuccession }): Uint8Array {
  const { consortium, sender, nonce, succession } = options;
  return signTransaction({
    chainId: consortium.genesis.chainId,
    module: moduleNumber.validators,
    action: validatorAction.succeed,
    nonce,
    payload: encodeSuccession(succession),
    signer: sender.signer,
  });
}

/** The item, where a test knows that it is there. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  assert(item !== undefined, `there is an item ${index}`);
  return item;
}
