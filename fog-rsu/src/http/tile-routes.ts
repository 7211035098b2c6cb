import type { UnitLog } from "../log/unit-log.ts";
import type { App } from "./parameters.ts";

/** The published log as any C2SP tlog-tiles client reads it: checkpoint, hash tiles, entry bundles. */
export function addTileRoutes(app: App, log: UnitLog): void {
  app.get("/checkpoint", (_request, reply) => {
    return reply
      .type("text/plain; charset=utf-8")
      .header("cache-control", "no-cache")
      .send(log.view.published.note);
  });
  app.get<{ Params: { "*": string } }>("/tile/*", async (request, reply) => {
    const path = `tile/${request.params["*"]}`;
    // The log's reader takes canonical tile names only, so that no other file can be asked for.
    const tile = await log.view.tile(path);
    if (tile === undefined) {
      return reply.status(404).send({ code: "TILE_UNKNOWN", message: "no such tile is published" });
    }
    return reply
      .type("application/octet-stream")
      .header("cache-control", "public, max-age=31536000, immutable")
      .send(Buffer.from(tile));
  });
}
