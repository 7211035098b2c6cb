import { setFlagsFromString } from "node:v8";
import { type ProcessRole, processRole } from "./process-role.ts";

/** A process by name; its code is loaded only when it is asked for, so that none carries all the others. */
export interface ProcessRoleEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<ProcessRole>;
}

/** The processes of the product, as the data flows. */
export const processRoles: readonly ProcessRoleEntry[] = [
  {
    name: "edge",
    summary: "Run the agents of one or more vehicles: readings to signed frames",
    async load() {
      // V8 lets garbage pile up to several times what lives, more so on a busy machine, before it looks for
      // what has grown old. Flags that an engine does not know are told of and change nothing.
      setFlagsFromString("--heap-growing-percent=30");
      const { edgeConfig, runEdge } = await import("@voltfog/edge-agent");
      return processRole({
        name: "edge",
        summary: this.summary,
        example: "voltfog edge --config .voltfog/config/fleet.json --rate-hz 10",
        schema: edgeConfig,
        start: runEdge,
      });
    },
  },
  {
    name: "rsu",
    summary: "Run a roadside unit: frames to a durable log, findings and events",
    async load() {
      const { rsuConfig, runRsu } = await import("@voltfog/fog-rsu");
      return processRole({
        name: "rsu",
        summary: this.summary,
        example: "voltfog rsu --config .voltfog/config/unit-1.json --log-level debug",
        schema: rsuConfig,
        start: runRsu,
      });
    },
  },
  {
    name: "validator",
    summary: "Run a validator of the consortium's chain",
    async load() {
      const { runValidator, validatorConfig } = await import("@voltfog/fog-rsu");
      return processRole({
        name: "validator",
        summary: this.summary,
        example: "voltfog validator --config .voltfog/config/validator-1.json",
        schema: validatorConfig,
        start: runValidator,
      });
    },
  },
  {
    name: "controller",
    summary: "Run the controller: which unit serves which vehicle, and why",
    async load() {
      const { controllerConfig, runController } = await import("@voltfog/sdn-controller");
      return processRole({
        name: "controller",
        summary: this.summary,
        example: "voltfog controller --config .voltfog/config/controller.json --poll-ms 500",
        schema: controllerConfig,
        start: runController,
      });
    },
  },
  {
    name: "cloud",
    summary: "Run the cloud: store, API and web pages",
    async load() {
      const { cloudConfig, runCloud } = await import("@voltfog/cloud");
      return processRole({
        name: "cloud",
        summary: this.summary,
        example: "voltfog cloud --config .voltfog/config/cloud.json --http-port 9000",
        schema: cloudConfig,
        start: runCloud,
      });
    },
  },
];
