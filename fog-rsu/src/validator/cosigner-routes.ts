import { type App, exactly } from "../http/parameters.ts";
import type { Cosigner } from "./cosigner.ts";

const hex32: object = { type: "string", pattern: "^[0-9a-f]{64}$" };

/** The validator's cosigner key, and each log's last final checkpoint as it cosigned it. */
export function addCosignerRoutes(app: App, cosigner: Cosigner): void {
  app.get("/v1/cosigner", () => ({ name: cosigner.name, key: cosigner.key }));
  app.get<{ Params: { logId: string } }>(
    "/v1/logs/:logId/checkpoint",
    { schema: { params: exactly({ logId: hex32 }, ["logId"]) } },
    (request, reply) => {
      const note = cosigner.noteOf(request.params.logId);
      if (note !== undefined) return reply.type("text/plain; charset=utf-8").send(note);
      const message = "no checkpoint of this log became final since this validator started";
      return reply.status(404).send({ code: "LOG_UNKNOWN", message });
    },
  );
}
