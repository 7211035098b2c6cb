import { type Clock, CodedError } from "@voltfog/runtime";
import {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { UnitAssignment } from "../placement/place-functions.ts";
import { readHeartbeat, type UnitHeartbeat } from "./unit-heartbeat.ts";
import { readUnitStatus, type UnitStatus } from "./unit-status.ts";

/** Whose word a call is: the leader's id and term. */
export interface Claim {
  readonly term: number;
  readonly controllerId: string;
}

/** The controller's way to one unit. All calls throw when the unit does not answer in time or as agreed. */
export interface UnitClient {
  readonly url: string;
  /** With a claim it is the leader's word that it is there. */
  heartbeat(claim: Claim | undefined): Promise<UnitHeartbeat>;
  status(): Promise<UnitStatus>;
  /** TERM_STALE when the unit obeys a newer controller. */
  assign(assignment: Claim & UnitAssignment): Promise<void>;
  close(): void;
}

const answerMax_bytes = 8 * 1024 * 1024;

/** Over HTTPS with mutual TLS, each call with its limit of time. */
export function createUnitClient(options: {
  id: string;
  url: string;
  identity: TlsIdentity;
  beatLimit_ms: number;
  limit_ms: number;
  clock: Clock;
}): UnitClient {
  const { id, url, identity, beatLimit_ms, limit_ms } = options;
  const http = createHttpClient({ url, peerId: id, identity });
  const call = async (
    asked: Pick<HttpCall, "path" | "method" | "body">,
    most_ms: number,
  ): Promise<HttpAnswer> => {
    const abort = new AbortController();
    const cancel = options.clock.after(most_ms, () => abort.abort());
    try {
      return await http.call({ ...asked, signal: abort.signal, bodyMax_bytes: answerMax_bytes });
    } finally {
      cancel();
    }
  };
  const read = async <T extends { readonly id: string }>(
    answer: Promise<HttpAnswer>,
    reader: (json: unknown) => T | undefined,
  ): Promise<T> => {
    const { status, body } = await answer;
    const value = status === 200 ? reader(jsonOf(body)) : undefined;
    if (value?.id === id) return value;
    const message = `${url} did not answer as ${id}`;
    throw new CodedError({ code: "UNIT_ANSWER_INVALID", message });
  };
  return {
    url,
    heartbeat(claim) {
      const query =
        claim === undefined ? "" : `?term=${claim.term}&controller=${claim.controllerId}`;
      return read(call({ path: `/v1/heartbeat${query}` }, beatLimit_ms), readHeartbeat);
    },
    status: () => read(call({ path: "/v1/status" }, limit_ms), readUnitStatus),
    async assign(assignment) {
      const body = { type: "application/json", bytes: JSON.stringify(assignment) };
      const put = { path: "/v1/assignment", method: "PUT", body } as const;
      const { status, body: answer } = await call(put, limit_ms);
      if (status >= 200 && status < 300) return;
      const { code = "", message = "" } = jsonOf(answer) as { code?: unknown; message?: unknown };
      throw new CodedError({
        code: code === "TERM_STALE" ? code : "ASSIGNMENT_REFUSED",
        message: `${id} answered ${status} to an assignment: ${String(message).slice(0, 200)}`,
      });
    },
    close: () => http.close(),
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
