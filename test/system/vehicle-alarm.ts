import { join } from "node:path";
import { keyIdOf, sealFrame } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import type { RunningSite } from "./running-site.ts";

/** A signed alarm of a site's vehicle, as its agent would send it; simulated, level 3. */
export function alarmOf(site: Pick<RunningSite, "dataDir">, vehicle: VehicleId): Buffer {
  const signer = loadSigningKey(join(site.dataDir, "keys", `${vehicle}.key`));
  const wall_ms = Date.now();
  const header = {
    ...{ vehicleId: vehicle, boot: 1, stream: "urgent" as const, sequence: 1_000_000, wall_ms },
    ...{ previous: new Uint8Array(32), salt: new Uint8Array(16), monotonic_ms: 1 },
    keyId: keyIdOf({ publicKey: signer.publicKey, crypto: nodeCrypto }),
    clockQuality: "unknown" as const,
  };
  const payload = {
    ...{ type: "alarm" as const, origin: "simulated" as const, alarm: "over-temperature" as const },
    ...{ level: 3 as const, cell: 1, value: 71.5, limit: 60, wall_ms },
  };
  return Buffer.from(sealFrame({ header, payload, signer }));
}
