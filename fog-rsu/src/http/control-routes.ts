import { type CommandKind, commandKinds } from "@voltfog/messages";
import type { CommandDesk } from "../commands/command-desk.ts";
import type { Assignment, AssignmentDesk } from "../functions/assignment.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import { type App, exactly, identifier, whole } from "./parameters.ts";

export interface ControlParts {
  readonly assignment: AssignmentDesk;
  readonly commands: CommandDesk;
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
}

const vehiclesMax = 100_000;
/** A command carries thousandths in 32 bits. */
const valueMax = 2_000_000;

/** Which cells to balance only a function that watches them can say. */
const askedKinds = commandKinds.filter((kind) => kind !== "balance-cells");

/** What the controller and operators may change: the assignment, and commands to vehicles. */
export function addControlRoutes(app: App, parts: ControlParts): void {
  addAssignmentRoute(app, parts.assignment);
  addCommandRoutes(app, parts);
}

function addAssignmentRoute(app: App, assignment: AssignmentDesk): void {
  const vehicles = { type: "array", maxItems: vehiclesMax, items: identifier };
  const id = { type: "string", minLength: 1, maxLength: 64 };
  const served = exactly({ id, vehicles }, ["id", "vehicles"]);
  const functions = { type: "array", maxItems: 64, items: served };
  const body = exactly({ version: whole(), functions }, ["version", "functions"]);
  app.put<{ Body: Assignment }>("/v1/assignment", { schema: { body } }, (request, reply) => {
    assignment.take(request.body);
    return reply.status(204).send();
  });
}

function addCommandRoutes(app: App, { commands, deviceOf }: ControlParts): void {
  const params = exactly({ id: identifier }, ["id"]);
  const body = exactly(
    {
      kind: { type: "string", enum: askedKinds },
      value: { type: "number", minimum: 0, maximum: valueMax },
    },
    ["kind", "value"],
  );
  app.post<{ Params: { id: string }; Body: { kind: CommandKind; value: number } }>(
    "/v1/vehicles/:id/commands",
    { schema: { params, body } },
    (request, reply) => {
      const device = deviceOf(request.params.id);
      if (device === undefined) return noVehicle(reply);
      const { kind, value } = request.body;
      if (kind.startsWith("request-") && value > 1) {
        const message = "cooling and heating are asked for from 0 to 1";
        return reply.status(400).send({ code: "VALUE_OUT_OF_RANGE", message });
      }
      const command = commands.ask({ device, kind, value, because: "an operator asked" });
      if (command !== undefined) return reply.status(202).send(command);
      const message = "the vehicle is not attached to this unit or reads no commands";
      return reply.status(409).send({ code: "VEHICLE_NOT_ATTACHED", message });
    },
  );
  app.get<{ Params: { id: string } }>(
    "/v1/vehicles/:id/commands",
    { schema: { params } },
    (request, reply) => {
      if (deviceOf(request.params.id) === undefined) return noVehicle(reply);
      return reply.send(commands.statusOf(request.params.id));
    },
  );
}

function noVehicle(reply: { status(code: number): { send(body: object): unknown } }): unknown {
  return reply
    .status(404)
    .send({ code: "VEHICLE_UNKNOWN", message: "no such vehicle is enrolled" });
}
