import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { payloadMax_bytes } from "./transaction.ts";

/** What one transaction did: a leaf of the chain's running log of results. */
export interface Result {
  readonly height: number;
  /** Place of the transaction in its block. */
  readonly txIndex: number;
  readonly txHash: Uint8Array;
  readonly sender: Uint8Array;
  readonly module: number;
  readonly action: number;
  /** OK, or why the module refused: then nothing but the sender's nonce changed. */
  readonly code: string;
  /** Empty unless OK; its form is the module's. */
  readonly data: Uint8Array;
}

export const resultMax_bytes: number = 84 + 64 + payloadMax_bytes;

const codePattern = /^[A-Z][A-Z_]{0,31}$/;

export function encodeResult(result: Result): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .u64(result.height)
    .u32(result.txIndex)
    .raw(result.txHash)
    .raw(result.sender)
    .u8(result.module)
    .u8(result.action)
    .text(result.code)
    .block(result.data)
    .finish();
}

export function decodeResult(bytes: Uint8Array): Outcome<Result, MalformedProblem> {
  return decodeBytes(bytes, readResult);
}

function readResult(reader: ByteReader): Result {
  const version = reader.u8();
  if (version !== 1) reader.fail(`result version ${version}, this reads 1`);
  const result = {
    height: reader.u64(),
    txIndex: reader.u32(),
    txHash: reader.raw(32),
    sender: reader.raw(32),
    module: reader.u8(),
    action: reader.u8(),
    code: reader.text(),
    data: reader.block(payloadMax_bytes),
  };
  if (!codePattern.test(result.code)) reader.fail("result code is not upper case");
  return result;
}
