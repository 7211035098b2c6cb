import { logId } from "@voltfog/ledger";
import type { CheckpointView, LogView } from "@voltfog/messages";
import { type Crypto, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import { sentenceOf, type UnitSite } from "../live/unit-site.ts";
import type { LogCheckpoints, StoredCheckpoint } from "../store/chain-reader.ts";

/** Every log that a final checkpoint or this cloud knows: of each unit the current one, and those before it. */
export function logViews(options: {
  units: readonly UnitSite[];
  checkpoints: readonly LogCheckpoints[];
  consortium: Consortium;
  crypto: Crypto;
}): readonly LogView[] {
  const { units, checkpoints, consortium, crypto } = options;
  const current = new Map(units.map((unit) => [unit.intake.logName, unit]));
  const names = new Set([...current.keys(), ...checkpoints.map(({ log }) => log)]);
  return [...names]
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .flatMap((log) => {
      const identity = consortium.logOf(log);
      if (identity === undefined) return [];
      const unitId = log.split("/")[0] ?? log;
      const unit = consortium.genesis.units.find(({ id }) => id === unitId);
      const final = checkpoints.find((one) => one.log === log);
      const site = current.get(log);
      const size = Math.max(site?.intake.position?.size ?? 0, final?.size ?? 0);
      return [
        {
          log,
          unitId,
          organisation: unit?.organisation ?? "",
          logId: toHex(logId({ ...identity, crypto })),
          origin: identity.origin,
          key: toHex(identity.publicKey),
          size,
          finalSize: final?.size ?? 0,
          finalRoot: final === undefined ? null : toHex(final.root),
          finalHeight: final?.height ?? null,
          final_ms: final?.final_ms ?? null,
          checkpoints: final?.checkpoints ?? 0,
          isCurrent: site !== undefined,
          incident: site?.problem === undefined ? null : sentenceOf(log, site.problem),
        },
      ];
    });
}

export function checkpointView(stored: StoredCheckpoint): CheckpointView {
  const { size, root, height, time_ms, hash } = stored;
  return { size, root: toHex(root), height, time_ms, transaction: hash };
}
