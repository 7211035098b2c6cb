import type { FunctionHost } from "../functions/function-host.ts";
import { vehiclesPerCall } from "../functions/function-state.ts";
import { type App, exactly } from "./parameters.ts";

const one = "[a-z][a-z0-9-]{0,31}";
const vehicles: object = {
  type: "string",
  pattern: `^${one}(,${one}){0,${vehiclesPerCall - 1}}$`,
};

/** What functions keep of vehicles, for the unit that stands by or takes them over. */
export function addFunctionStateRoute(app: App, parts: { functions: FunctionHost }): void {
  const querystring = exactly({ vehicles }, ["vehicles"]);
  app.get<{ Querystring: { vehicles: string } }>(
    "/v1/function-states",
    { schema: { querystring } },
    async (request) => {
      const asked = [...new Set(request.query.vehicles.split(","))];
      return { states: await parts.functions.statesOf(asked) };
    },
  );
}
