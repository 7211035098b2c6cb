import { type Clock, CodedError } from "@voltfog/runtime";
import {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { UnitAssignment } from "../placement/place-functions.ts";
import type { UnitAddress } from "./unit-address.ts";
import { readUnitStatus, type UnitStatus } from "./unit-status.ts";

/** The controller's way to one unit. Both calls throw when the unit does not answer in time or as agreed. */
export interface UnitClient {
  status(): Promise<UnitStatus>;
  assign(assignment: UnitAssignment): Promise<void>;
  close(): void;
}

const answerMax_bytes = 8 * 1024 * 1024;

/** Over HTTPS with mutual TLS, each call limited to `limit_ms`. */
export function createUnitClient(options: {
  address: UnitAddress;
  identity: TlsIdentity;
  limit_ms: number;
  clock: Clock;
}): UnitClient {
  const { address, identity } = options;
  const http = createHttpClient({ url: address.backboneUrl, peerId: address.id, identity });
  const call = async (asked: Pick<HttpCall, "path" | "method" | "body">): Promise<HttpAnswer> => {
    const abort = new AbortController();
    const cancel = options.clock.after(options.limit_ms, () => abort.abort());
    try {
      return await http.call({ ...asked, signal: abort.signal, bodyMax_bytes: answerMax_bytes });
    } finally {
      cancel();
    }
  };
  return {
    async status() {
      const { status: code, body } = await call({ path: "/v1/status" });
      const status = code === 200 ? readUnitStatus(jsonOf(body)) : undefined;
      if (status?.id === address.id) return status;
      throw new CodedError({
        code: "UNIT_ANSWER_INVALID",
        message: `${address.backboneUrl} did not answer as ${address.id}`,
      });
    },
    async assign(assignment) {
      const body = { type: "application/json", bytes: JSON.stringify(assignment) };
      const { status } = await call({ path: "/v1/assignment", method: "PUT", body });
      if (status >= 200 && status < 300) return;
      throw new CodedError({
        code: "ASSIGNMENT_REFUSED",
        message: `${address.id} answered ${status} to an assignment`,
      });
    },
    close: () => http.close(),
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
