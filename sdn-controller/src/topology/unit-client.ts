import { type Clock, CodedError } from "@voltfog/runtime";
import type { UnitAssignment } from "../placement/place-functions.ts";
import type { UnitAddress } from "./unit-address.ts";
import { readUnitStatus, type UnitStatus } from "./unit-status.ts";

/** The controller's way to one unit. Both calls throw when the unit does not answer in time or as agreed. */
export interface UnitClient {
  status(): Promise<UnitStatus>;
  assign(assignment: UnitAssignment): Promise<void>;
}

/** Over HTTP, each call limited to `limit_ms`. */
export function createUnitClient(options: {
  address: UnitAddress;
  limit_ms: number;
  clock: Clock;
}): UnitClient {
  const { address } = options;
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const abort = new AbortController();
    const cancel = options.clock.after(options.limit_ms, () => abort.abort());
    try {
      const response = await fetch(address.httpUrl + path, { ...init, signal: abort.signal });
      const body = await response.arrayBuffer();
      return new Response(body.byteLength === 0 ? null : body, { status: response.status });
    } finally {
      cancel();
    }
  };
  return {
    async status() {
      const response = await call("/v1/status", {});
      const status = response.ok ? readUnitStatus(await response.json()) : undefined;
      if (status?.id === address.id) return status;
      throw new CodedError({
        code: "UNIT_ANSWER_INVALID",
        message: `${address.httpUrl} did not answer as ${address.id}`,
      });
    },
    async assign(assignment) {
      const response = await call("/v1/assignment", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(assignment),
      });
      if (response.ok) return;
      throw new CodedError({
        code: "ASSIGNMENT_REFUSED",
        message: `${address.id} answered ${response.status} to an assignment`,
      });
    },
  };
}
