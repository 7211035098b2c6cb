import { isInResults } from "../chain/chain-evidence.ts";
import type { Result } from "../chain/result.ts";
import { logId, logOrigin } from "../log/checkpoint.ts";
import { checkpointAction, encodeFinalCheckpoint } from "../modules/checkpoints.ts";
import { moduleNumber } from "../modules/module.ts";
import type { ProofBundle, ResultPlace } from "./bundle.ts";
import type { Verification } from "./verification.ts";

/** The log that the bundle names, of its unit and key on this chain. */
export function checkpointLogId({ bundle, genesis, crypto }: Verification): Uint8Array {
  const { id: unitId, logNumber: number } = bundle.unit;
  const origin = logOrigin({ chain: genesis.chain, unitId, number, hash: genesis.logHash });
  return logId({ origin, publicKey: bundle.unit.key, crypto });
}

/** Whether the header's results hold an OK checkpoint of this unit, size and root. */
export function isCheckpointFinal(parts: Verification): boolean {
  return isUnitResult({ ...parts, ...checkpointClaim(parts) });
}

/** The checkpoint's result as the bundle claims it. */
export function checkpointClaim(parts: Verification): UnitResult {
  const { checkpoint } = parts.bundle;
  const { size, root } = checkpoint;
  return {
    place: checkpoint,
    module: moduleNumber.checkpoints,
    action: checkpointAction.submit,
    data: encodeFinalCheckpoint({ logId: checkpointLogId(parts), size, root }),
  };
}

/** What a unit's transaction did: an OK result of the bundle's unit. */
interface UnitResult {
  readonly place: ResultPlace;
  readonly module: number;
  readonly action: number;
  readonly data: Uint8Array;
}

/** The result itself. */
export function resultOf(o: UnitResult & { bundle: ProofBundle }): Result {
  const { height, txIndex, txHash } = o.place;
  const { module, action, data } = o;
  const { key: sender } = o.bundle.unit;
  return { height, txIndex, txHash, sender, module, action, code: "OK", data };
}

/** Whether the header's results hold, at this place, an OK result of the bundle's unit with this data. */
export function isUnitResult(options: Verification & UnitResult): boolean {
  const { bundle, place, crypto } = options;
  const { resultIndex, resultPath } = place;
  const proof = { index: resultIndex, result: resultOf(options), path: resultPath };
  return isInResults({ proof, header: bundle.header, crypto });
}
