import type { Crypto, Signer } from "@voltfog/runtime";
import { signTransaction } from "../chain/transaction.ts";
import { moduleNumber } from "../modules/module.ts";
import {
  encodeAuthorisation,
  encodeMeterReading,
  encodeSettlement,
  sessionAction,
} from "../modules/session-payloads.ts";
import { sessionIdOf } from "../modules/session-voucher.ts";

/** One transaction of each session, in three waves: a wave may be sent once the one before is on the chain. */
export interface SessionLoad {
  readonly authorise: readonly Uint8Array[];
  readonly start: readonly Uint8Array[];
  readonly settle: readonly Uint8Array[];
}

/**
 * Signed transactions of so many sessions, spread evenly over drivers and charge points, each good and of
 * 100 Wh. Readings are of `at_ms` and a second later, so the chain takes them in blocks of up to a minute
 * before and after. Each driver needs `limitAmount` for each of its sessions that is not settled, the session's
 * fee and 100 Wh must cost no more. Pure; costs three signatures per session. For tests and measurements.
 */
export function sessionLoad(options: {
  chainId: Uint8Array;
  crypto: Crypto;
  drivers: readonly Signer[];
  chargePoints: readonly Signer[];
  /** Of every charge point. */
  plugType: number;
  sessions: number;
  limitAmount: number;
  at_ms: number;
  /** Last nonce that a key used; the load's nonces follow. */
  nonceOf: (key: Uint8Array) => number;
}): SessionLoad {
  const { chainId, crypto, plugType, limitAmount, at_ms } = options;
  const used = new Map<Signer, number>();
  const signed = (signer: Signer, action: number, payload: Uint8Array): Uint8Array => {
    const nonce = (used.get(signer) ?? options.nonceOf(signer.publicKey)) + 1;
    used.set(signer, nonce);
    return signTransaction({
      chainId,
      module: moduleNumber.sessions,
      action,
      nonce,
      payload,
      signer,
    });
  };
  const all = Array.from({ length: options.sessions }, (_, i) => {
    const driver = chosen(options.drivers, i);
    const point = chosen(options.chargePoints, i);
    const salt = new Uint8Array(16);
    new DataView(salt.buffer).setUint32(12, i);
    const chargePoint = point.publicKey;
    const id = sessionIdOf({ driver: driver.publicKey, chargePoint, salt }, crypto);
    return { driver, point, salt, chargePoint, id };
  });
  const limits = { limitAmount, limit_Wh: 1_000, expiry_ms: at_ms + 3_600_000, beansOf: undefined };
  const receiptHash = crypto.sha256();
  const end = { meter_Wh: 100, time_ms: at_ms + 1_000, receiptHash };
  return {
    authorise: all.map(({ driver, salt, chargePoint }) => {
      const payload = encodeAuthorisation({ salt, chargePoint, plugType, ...limits });
      return signed(driver, sessionAction.authorise, payload);
    }),
    start: all.map(({ point, id: sessionId }) => {
      const payload = encodeMeterReading({ sessionId, meter_Wh: 0, time_ms: at_ms });
      return signed(point, sessionAction.start, payload);
    }),
    settle: all.map(({ point, id: sessionId }) =>
      signed(point, sessionAction.settle, encodeSettlement({ sessionId, ...end })),
    ),
  };
}

function chosen(signers: readonly Signer[], i: number): Signer {
  const signer = signers[i % signers.length];
  if (signer === undefined) throw new Error("a load has drivers and charge points");
  return signer;
}
