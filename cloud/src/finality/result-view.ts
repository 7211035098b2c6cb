import {
  decodeEnrolment,
  decodeEventRecord,
  decodeFinalCheckpoint,
  decodeResult,
  deviceAction,
  moduleNumber,
  type Result,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type { ResultView } from "../api/responses.ts";
import type { Consortium } from "./consortium.ts";

const actions: Readonly<Record<string, readonly string[]>> = {
  checkpoints: ["submit"],
  events: ["record"],
  devices: ["enrol", "revoke", "rotate"],
};

/** A stored result in words. */
export function resultView(options: {
  bytes: Uint8Array;
  index: number;
  consortium: Consortium;
}): ResultView {
  const decoded = decodeResult(options.bytes);
  if (!decoded.ok) throw new Error(`stored result ${options.index}: ${decoded.problem.detail}`);
  const result = decoded.value;
  const sender = options.consortium.nameOf(result.sender);
  const module = moduleName(result.module);
  const action = actions[module]?.[result.action - 1] ?? `action ${result.action}`;
  return {
    index: options.index,
    hash: toHex(result.txHash),
    sender,
    module,
    action,
    code: result.code,
    sentence:
      result.code === "OK"
        ? sentenceOf(result, options.consortium)
        : `${sender}'s ${action} was refused: ${result.code}.`,
  };
}

function moduleName(number: number): string {
  const found = Object.entries(moduleNumber).find(([, value]) => value === number);
  return found?.[0] ?? `module ${number}`;
}

function sentenceOf(result: Result, consortium: Consortium): string {
  switch (result.module) {
    case moduleNumber.checkpoints: {
      const data = decodeFinalCheckpoint(result.data);
      if (!data.ok) break;
      const unit = consortium.unitOf(data.value.logId) ?? "an unknown unit";
      return `The first ${data.value.size} entries of ${unit}'s log became final.`;
    }
    case moduleNumber.events: {
      const data = decodeEventRecord(result.data);
      if (!data.ok) break;
      return `${data.value.class} of level ${data.value.level} was ${data.value.state}.`;
    }
    case moduleNumber.devices: {
      if (result.action === deviceAction.rotate) return "A vehicle changed its key.";
      const data = decodeEnrolment(result.data);
      if (!data.ok) break;
      return `A ${data.value.kind} of ${data.value.organisation} was ${result.action === deviceAction.enrol ? "enrolled" : "revoked"}.`;
    }
    default:
  }
  return "Done.";
}
