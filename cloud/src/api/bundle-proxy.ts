import { CodedError, messageOf } from "@voltfog/runtime";
import { parseJson, recordOf, textOf } from "../live/json-value.ts";
import type { Reply } from "../remote/remote.ts";
import { type ApiContext, ApiRefusal, notFound } from "./api-context.ts";

const timeout_ms = 10_000;
const bundleMax_bytes = 4 * 1024 * 1024;
/** A unit may see the block that makes a record final later than the cloud, whose page offered to verify it. */
const lag = { asksAgain: 6, pause_ms: 300 } as const;

/**
 * A proof bundle from the first of the units that has it. What a unit sends is passed on as it is:
 * whoever asked verifies it. Refusals: the unit's own 404 with its code, NOT_FINAL only once the unit has
 * said so for two seconds; UNIT_UNREACHABLE (503), UNIT_FAILED (502).
 */
export async function fetchBundle(options: {
  context: ApiContext;
  unitIds: readonly string[];
  path: string;
}): Promise<Uint8Array> {
  for (let asked = 0; ; asked += 1) {
    try {
      return await askUnits(options);
    } catch (thrown) {
      const isLag = thrown instanceof ApiRefusal && thrown.code === "NOT_FINAL";
      if (!isLag || asked >= lag.asksAgain) throw thrown;
    }
    await new Promise<void>((resolve) => {
      options.context.clock.after(lag.pause_ms, resolve);
    });
  }
}

async function askUnits(options: {
  context: ApiContext;
  unitIds: readonly string[];
  path: string;
}): Promise<Uint8Array> {
  const { context, unitIds, path } = options;
  let refusal = notFound("UNKNOWN_UNIT", "no unit that holds it is configured");
  for (const unitId of unitIds) {
    const site = context.views.unit(unitId);
    if (site === undefined) continue;
    try {
      const reply = await site.neighbour.remote.get(path, {
        signal: context.signal,
        timeout_ms,
        bodyMax_bytes: bundleMax_bytes,
      });
      if (reply.status === 200) return reply.body;
      refusal = refusalOf(unitId, reply);
    } catch (thrown) {
      if (!(thrown instanceof CodedError)) throw thrown;
      const message = `${unitId}, which holds it, does not answer: ${messageOf(thrown)}`;
      refusal = new ApiRefusal({ statusCode: 503, code: "UNIT_UNREACHABLE", message });
    }
  }
  throw refusal;
}

function refusalOf(unitId: string, reply: Reply): ApiRefusal {
  const body = recordOf(parseJson(reply.body));
  if (reply.status === 404) {
    const code = textOf(body["code"]) || "NOT_FOUND";
    return notFound(code, textOf(body["message"]) || `${unitId} cannot prove it yet`);
  }
  const message = `${unitId} answers ${reply.status}`;
  return new ApiRefusal({ statusCode: 502, code: "UNIT_FAILED", message });
}
