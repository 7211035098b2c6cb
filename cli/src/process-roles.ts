import { cloudConfig, runCloud } from "@voltfog/cloud";
import { edgeConfig, runEdge } from "@voltfog/edge-agent";
import { rsuConfig, runRsu, runValidator, validatorConfig } from "@voltfog/fog-rsu";
import { controllerConfig, runController } from "@voltfog/sdn-controller";
import { type ProcessRole, processRole } from "./process-role.ts";

/** The processes of the product, as the data flows. */
export const processRoles: readonly ProcessRole[] = [
  processRole({
    name: "edge",
    summary: "Run the agents of one or more vehicles: readings to signed frames",
    example: "voltfog edge --config .voltfog/config/fleet.json --rate-hz 10",
    schema: edgeConfig,
    start: runEdge,
  }),
  processRole({
    name: "rsu",
    summary: "Run a roadside unit: frames to a durable log, findings and events",
    example: "voltfog rsu --config .voltfog/config/unit-1.json --log-level debug",
    schema: rsuConfig,
    start: runRsu,
  }),
  processRole({
    name: "validator",
    summary: "Run a validator of the consortium's chain",
    example: "voltfog validator --config .voltfog/config/validator-1.json",
    schema: validatorConfig,
    start: runValidator,
  }),
  processRole({
    name: "controller",
    summary: "Run the controller: which unit serves which vehicle, and why",
    example: "voltfog controller --data-dir c --units unit-1@http://127.0.0.1:8091@127.0.0.1:8101",
    schema: controllerConfig,
    start: runController,
  }),
  processRole({
    name: "cloud",
    summary: "Run the cloud: store, API and web pages",
    example: "voltfog cloud --config .voltfog/config/cloud.json --http-port 9000",
    schema: cloudConfig,
    start: runCloud,
  }),
];
