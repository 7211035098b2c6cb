import { equalBytes, fromHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { type FactoryRecord, openFactoryRecord } from "./factory-record.ts";

/**
 * The manufacturer's record that the flags name, undefined where they name none. Complains unless it is of this
 * pack and signed by the named key: a record of an unknown signer says nothing.
 */
export function factoryOf(
  flags: { readonly factory?: string; readonly manufacturer?: string },
  pack: string,
): FactoryRecord | undefined {
  if (flags.factory === undefined && flags.manufacturer === undefined) return undefined;
  const key = fromHex(flags.manufacturer ?? "");
  if (flags.factory === undefined || key?.length !== 32) {
    throw complaint({
      code: "FLAG_MISSING",
      what: "--factory and --manufacturer go together, the latter with 64 lower-case hex digits",
      remedy: "take the key from the manufacturer, not from the record",
    });
  }
  const text = new TextDecoder().decode(readInputFile(flags.factory));
  const opened = openFactoryRecord(text, nodeCrypto);
  if (!opened.ok) {
    throw complaint({
      code: opened.problem.code,
      what: `${flags.factory}: ${opened.problem.detail}`,
      remedy: "ask the manufacturer for the record again",
    });
  }
  const record = opened.value;
  if (!equalBytes(record.publicKey, key)) {
    throw complaint({
      code: "FACTORY_RECORD_OTHER_SIGNER",
      what: `${flags.factory} is signed by another key than --manufacturer names`,
      remedy: "check whose record it is",
    });
  }
  if (record.pack !== pack) {
    throw complaint({
      code: "FACTORY_RECORD_OTHER_PACK",
      what: `${flags.factory} is the record of ${record.pack}`,
      remedy: `name the record of ${pack}`,
    });
  }
  return record;
}
