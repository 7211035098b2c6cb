import { isInResults } from "../chain/chain-evidence.ts";
import type { Result } from "../chain/result.ts";
import { logId, logOrigin } from "../log/checkpoint.ts";
import { checkpointAction, encodeFinalCheckpoint } from "../modules/checkpoints.ts";
import { moduleNumber } from "../modules/module.ts";
import type { ResultPlace } from "./bundle.ts";
import type { Verification } from "./verification.ts";

/** The log that the bundle names, of its unit and key on this chain. */
export function checkpointLogId({ bundle, genesis, crypto }: Verification): Uint8Array {
  const { id: unitId, logNumber: number } = bundle.unit;
  const origin = logOrigin({ chain: genesis.chain, unitId, number });
  return logId({ origin, publicKey: bundle.unit.key, crypto });
}

/** Whether the header's results hold an OK checkpoint of this unit, size and root. */
export function isCheckpointFinal(parts: Verification): boolean {
  const { checkpoint } = parts.bundle;
  const { size, root } = checkpoint;
  return isUnitResult({
    ...parts,
    place: checkpoint,
    module: moduleNumber.checkpoints,
    action: checkpointAction.submit,
    data: encodeFinalCheckpoint({ logId: checkpointLogId(parts), size, root }),
  });
}

/** Whether the header's results hold, at this place, an OK result of the bundle's unit with this data. */
export function isUnitResult(
  options: Verification & { place: ResultPlace; module: number; action: number; data: Uint8Array },
): boolean {
  const { bundle, place, module, action, data, crypto } = options;
  const { height, txIndex, txHash, resultIndex, resultPath } = place;
  const { key: sender } = bundle.unit;
  const result: Result = { height, txIndex, txHash, sender, module, action, code: "OK", data };
  const proof = { index: resultIndex, result, path: resultPath };
  return isInResults({ proof, header: bundle.header, crypto });
}
