import {
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  fromHex,
  type Signer,
  toHex,
  type UnitId,
  utf8,
  type VehicleId,
} from "@voltfog/runtime";
import { bytesOfLength, shortText, wholeMilliseconds } from "./encodable.ts";

/** A token is good this long before and after its time. */
export const connectTokenLife_ms = 300_000;

const domain: Uint8Array = utf8("voltfog/connect/1\n");

/** The MQTT password of a vehicle: it shows that the vehicle's key wants to talk to this unit now. */
export function sealConnectToken(options: {
  signer: Signer;
  unitId: UnitId;
  vehicleId: VehicleId;
  wall_ms: number;
}): string {
  const wall_ms = wholeMilliseconds("wall_ms", options.wall_ms);
  const signature = options.signer.sign(signedMessage({ ...options, wall_ms }));
  bytesOfLength("signature", signature, 64);
  return toHex(new ByteWriter().u64(wall_ms).raw(signature).finish());
}

/** Whether the vehicle's key signed the token for this unit within five minutes of now. Never throws. */
export function checkConnectToken(options: {
  token: string;
  unitId: UnitId;
  vehicleId: VehicleId;
  publicKey: Uint8Array;
  now_ms: number;
  crypto: Crypto;
}): boolean {
  const bytes = options.token.length === 2 * (8 + 64) ? fromHex(options.token) : undefined;
  if (bytes === undefined) return false;
  const read = decodeBytes(bytes, (reader) => ({
    wall_ms: reader.u64(),
    signature: reader.raw(64),
  }));
  if (!read.ok) return false;
  const { wall_ms, signature } = read.value;
  if (!(Math.abs(options.now_ms - wall_ms) <= connectTokenLife_ms)) return false;
  const message = signedMessage({ ...options, wall_ms });
  return options.crypto.verify({ publicKey: options.publicKey, message, signature });
}

function signedMessage(options: {
  unitId: UnitId;
  vehicleId: VehicleId;
  wall_ms: number;
}): Uint8Array {
  const body = new ByteWriter()
    .text(shortText("unitId", options.unitId))
    .text(shortText("vehicleId", options.vehicleId))
    .u64(options.wall_ms)
    .finish();
  return concatBytes(domain, body);
}
