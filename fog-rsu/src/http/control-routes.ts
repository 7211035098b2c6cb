import { type CommandKind, commandKinds } from "@voltfog/messages";
import type { CommandDesk } from "../commands/command-desk.ts";
import type { Heartbeat } from "../control/heartbeat.ts";
import type { PeerProbes } from "../control/peer-probes.ts";
import { addHeartbeatRoute, fence } from "../control/term-routes.ts";
import type { TermGate } from "../control/terms.ts";
import type { AssignmentDesk } from "../functions/assignment.ts";
import { parseAssignment } from "../functions/parse-assignment.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import { type App, exactly, identifier } from "./parameters.ts";

export interface ControlParts {
  readonly assignment: AssignmentDesk;
  readonly commands: CommandDesk;
  readonly terms: TermGate;
  readonly heartbeat: Heartbeat;
  readonly peers: PeerProbes;
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
}

/** A command carries thousandths in 32 bits. */
const valueMax = 2_000_000;

/** Which cells to balance only a function that watches them can say. */
const askedKinds = commandKinds.filter((kind) => kind !== "balance-cells");

/** What the controller and operators may change: the assignment, and commands to vehicles. */
export function addControlRoutes(app: App, parts: ControlParts): void {
  addHeartbeatRoute(app, parts);
  addAssignmentRoute(app, parts);
  addCommandRoutes(app, parts);
}

function addAssignmentRoute(app: App, { assignment, terms, peers }: ControlParts): void {
  app.put("/v1/assignment", { preHandler: fence(terms) }, (request, reply) => {
    const parsed = parseAssignment(request.body);
    const taken = parsed.ok ? assignment.take(parsed.value) : parsed;
    if (taken.ok) {
      if (taken.value.peers !== undefined) peers.follow(taken.value.peers);
      return reply.status(204).send();
    }
    const { code, detail } = taken.problem;
    return reply.status(400).send({ code, message: detail });
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
