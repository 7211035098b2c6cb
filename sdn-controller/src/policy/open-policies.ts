import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { Claim } from "../topology/unit-client.ts";
import { PolicyDesk } from "./policy-desk.ts";
import { PolicyFile } from "./policy-file.ts";
import { createPolicyClient } from "./unit-policies.ts";

/** A vehicle that one unit put out is out everywhere after this and one call, wherever it roams. */
const review_ms = 250;

/** The policies of the site, reviewed at a steady pace; `stop` ends that and closes the ways to the units. */
export function openPolicies(options: {
  dataDir: string;
  units: readonly { readonly id: string; readonly backboneUrls: readonly string[] }[];
  identity: TlsIdentity;
  limit_ms: number;
  claim: () => Claim | undefined;
  homeOf: (vehicleId: string) => string | undefined;
  clock: Clock;
  logger: Logger;
}): { readonly desk: PolicyDesk; readonly stop: () => Promise<void> } {
  const { dataDir, identity, limit_ms, clock, logger } = options;
  const units = options.units.map(({ id: unitId, backboneUrls: urls }) =>
    createPolicyClient({ unitId, urls, identity, limit_ms, clock }),
  );
  const desk = new PolicyDesk({ ...options, file: new PolicyFile({ dataDir }), units });
  let ended = false;
  let cancel = (): void => {};
  let running: Promise<void> = Promise.resolve();
  const review = async (): Promise<void> => {
    try {
      await desk.review();
    } catch (thrown) {
      logger.error("policies not reviewed", { reason: messageOf(thrown) });
    }
    if (ended) return;
    cancel = clock.after(review_ms, () => {
      running = review();
    });
  };
  running = review();
  return {
    desk,
    async stop() {
      ended = true;
      cancel();
      await running;
      desk.close();
    },
  };
}
