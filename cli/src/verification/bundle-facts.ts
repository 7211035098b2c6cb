import type { VerifiedBundle, VerifiedDevice } from "@voltfog/ledger";
import { type BatterySample, decodePayload, openFrame, refusalCode } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";

/** What a verified bundle says, as `--json` prints it: hex for bytes. */
export function bundleFacts(bundle: VerifiedBundle): Readonly<Record<string, unknown>> {
  const { frame, entry, log, checkpoint, block, event } = bundle;
  return {
    ok: true,
    kind: bundle.kind,
    chain: { name: bundle.chain.name, chainId: toHex(bundle.chain.chainId) },
    vehicle: deviceFacts(bundle.vehicle),
    frame: {
      stream: frame.stream,
      sequence: frame.sequence,
      commitment: toHex(frame.commitment),
      wall_ms: frame.wall_ms,
      samples: frame.samples ?? null,
    },
    entry: { kind: entry.kind, code: refusalOf(bundle), unlinked: entry.unlinked },
    unit: deviceFacts(bundle.unit),
    log: {
      logId: toHex(log.logId),
      hash: log.hash,
      index: log.index,
      size: log.size,
      root: toHex(log.root),
    },
    checkpoint: { ...checkpoint, txHash: toHex(checkpoint.txHash) },
    block: { ...block, hash: toHex(block.hash) },
    validators: bundle.validators,
    event:
      event === undefined
        ? null
        : {
            id: toHex(event.id),
            class: event.class,
            state: event.state,
            level: event.level,
            height: event.height,
            resultIndex: event.resultIndex,
            txHash: toHex(event.txHash),
            detail: event.content,
          },
  };
}

function deviceFacts(device: VerifiedDevice): Readonly<Record<string, unknown>> {
  const { id, organisation, revokedHeight } = device;
  return { id, organisation, key: toHex(device.key), revokedHeight: revokedHeight ?? null };
}

function refusalOf({ entry }: VerifiedBundle): string | null {
  return entry.kind === "refused" ? (refusalCode(entry.code) ?? String(entry.code)) : null;
}

/** The same for a person: a few lines. */
export function bundleText(bundle: VerifiedBundle): string {
  const { frame, vehicle, unit, log, checkpoint, block, validators, event } = bundle;
  const signed = validators.signed.map(({ id }) => id).join(", ");
  const refusal = refusalOf(bundle);
  const standing = refusal === null ? "logged" : `refused (${refusal}) and logged`;
  const lines = [
    `verified: frame ${frame.sequence} (${frame.stream}) of ${vehicle.id}, ${frame.samples ?? "?"} samples, ${new Date(frame.wall_ms).toISOString()} by its own clock`,
    `  signed by   ${vehicle.id} of ${vehicle.organisation}, key ${toHex(vehicle.key).slice(0, 16)}…`,
    `  ${standing} by   ${unit.id} of ${unit.organisation}, entry ${log.index} of ${log.size}`,
    `  final in    block ${checkpoint.height} of ${bundle.chain.name}, proven by block ${block.height} of ${new Date(block.time_ms).toISOString()}`,
    `  certified   by ${signed}: ${validators.signed.length} of ${validators.of}, ${validators.needed} needed`,
  ];
  if (event !== undefined) {
    lines.push(
      `  event       ${event.class} ${event.state}, level ${event.level}, block ${event.height}`,
    );
  }
  return lines.join("\n");
}

/** One sample of a frame as plain numbers; undefined where the frame holds no such sample. */
export function sampleOf(options: { frame: Uint8Array; index: number }): object | undefined {
  const opened = openFrame(options.frame);
  const payload = opened.ok ? decodePayload(opened.value) : undefined;
  if (!payload?.ok || payload.value.type !== "telemetry") return undefined;
  const sample: BatterySample | undefined = payload.value.samples[options.index];
  if (sample === undefined) return undefined;
  return {
    origin: payload.value.origin,
    source: payload.value.source,
    ...sample,
    cellVoltage_mV: [...sample.cellVoltage_mV],
    temperature_degC: [...sample.temperature_degC].map((value) => Number(value.toFixed(1))),
  };
}
