import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRotation, signRotation } from "@voltfog/ledger";
import { type Signer, toHex } from "@voltfog/runtime";
import { createSigningKey, loadSigningKey, systemClock, systemRandom } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnrolledRows } from "./enrolled-list.ts";
import { openSite } from "./open-site.ts";
import { readRevoked } from "./revoke-certificate.ts";
import { revokeVehicle } from "./revoke-vehicle.ts";
import { rotateVehicle } from "./rotate-vehicle.ts";
import { certifySite } from "./site-certificates.ts";
import { type SitePaths, sitePaths } from "./site-folder.ts";
import { readGenesis } from "./site-record.ts";

let paths: SitePaths;
let old: Signer;
let renewed: Signer;
const last = { telemetry: 7, urgent: 0 };
const vehicles = 8;

beforeEach(async () => {
  paths = sitePaths(mkdtempSync(join(tmpdir(), "rotate-")));
  const asked = { units: 1, vehicles };
  const { site } = openSite({ paths, asked, clock: systemClock, random: systemRandom });
  await certifySite({ paths, site, clock: systemClock });
  old = keyOf("vehicle-01");
  renewed = newKey("renewed");
});
afterEach(() => rmSync(paths.root, { recursive: true }));

const keyOf = (id: string): Signer => loadSigningKey(join(paths.keys, `${id}.key`));
const newKey = (name: string): Signer => createSigningKey(join(paths.root, `${name}.key`));
const rotationOf = (from: Signer, to: Signer, of = last): Uint8Array =>
  encodeRotation(signRotation({ chainId: readGenesis(paths.genesis).chainId, from, to, last: of }));

async function rotate(rotation: Uint8Array) {
  const outcome = await rotateVehicle(paths, { rotation, clock: systemClock });
  return outcome.ok ? outcome.value : outcome.problem.code;
}

const rowOf = (id: string) => readEnrolledRows(paths).find((row) => row.id === id);

describe("a vehicle's new key", () => {
  it("is certified and listed, and the old one stays on the list with its last frames", async () => {
    const rotated = await rotate(rotationOf(old, renewed));
    if (typeof rotated === "string") throw new Error(rotated);
    expect(rotated.vehicleId).toBe("vehicle-01");
    const certificate = new X509Certificate(rotated.certificate);
    expect(certificate.subject).toBe("CN=vehicle-01\nOU=vehicle");
    const spki = certificate.publicKey.export({ format: "der", type: "spki" });
    expect(new Uint8Array(spki.subarray(-32))).toEqual(renewed.publicKey);
    expect(rowOf("vehicle-01")).toMatchObject({
      key: toHex(renewed.publicKey),
      earlier: [{ key: toHex(old.publicKey), telemetry: 7, urgent: 0 }],
    });
    expect(readRevoked(paths)).toMatchObject([{ id: "vehicle-01" }]);
    // Nobody runs the chain here, and it says so.
    expect(await rotated.recorded).toMatchObject({ unrecorded: expect.stringContaining("runs") });
  });

  it("is answered again where the first answer was lost, and listed once", async () => {
    const rotation = rotationOf(old, renewed);
    await rotate(rotation);
    expect(await rotate(rotation)).toMatchObject({ vehicleId: "vehicle-01" });
    expect(rowOf("vehicle-01")?.earlier).toHaveLength(1);
    // Of the new key's certificates none is called back.
    expect(readRevoked(paths)).toHaveLength(1);
  });

  it("is refused with a code, and the list stays as it was, without both keys' word", async () => {
    const thief = newKey("thief");
    const good = rotationOf(old, renewed);
    const before = readFileSync(paths.enrolled, "utf8");
    // The two signatures are the last 128 bytes.
    for (const place of [good.length - 100, good.length - 10, 40, 70]) {
      const forged = good.map((byte, i) => (i === place ? byte ^ 1 : byte));
      expect(await rotate(forged)).toBe("SIGNATURE_INVALID");
    }
    expect(await rotate(rotationOf(thief, renewed))).toBe("KEY_UNKNOWN");
    expect(await rotate(rotationOf(old, keyOf("vehicle-02")))).toBe("KEY_ENROLLED");
    expect(await rotate(good.subarray(1))).toBe("ROTATION_INVALID");
    expect(readFileSync(paths.enrolled, "utf8")).toBe(before);
  });

  it("cannot be changed back by an old rotation, nor by one of a revoked vehicle", async () => {
    const first = rotationOf(old, renewed);
    const third = newKey("third");
    await rotate(first);
    await rotate(rotationOf(renewed, third));
    expect(await rotate(first)).toBe("KEY_REPLACED");
    expect(await rotate(rotationOf(third, old))).toBe("KEY_ENROLLED");
    expect(await rotate(rotationOf(old, newKey("other")))).toBe("KEY_REPLACED");
    await revokeVehicle(paths, { vehicle: "vehicle-01", clock: systemClock });
    expect(await rotate(rotationOf(third, newKey("fourth")))).toBe("KEY_REVOKED");
    // The site's first certificate, and one for each of the two keys since.
    expect(readRevoked(paths)).toHaveLength(3);
    // Not even the answer to the rotation that was good is given again.
    expect(await rotate(rotationOf(renewed, third))).toBe("KEY_REVOKED");
  });

  it("is refused for any other bytes", async () => {
    const before = readFileSync(paths.enrolled, "utf8");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(["ROTATION_INVALID", "SIGNATURE_INVALID"]).toContain(await rotate(bytes));
      }),
    );
    expect(readFileSync(paths.enrolled, "utf8")).toBe(before);
  });
});

it("revocations and rotations at once lose none of each other's changes", async () => {
  const ids = Array.from({ length: vehicles }, (_, i) => `vehicle-0${i + 1}`);
  await Promise.all(
    ids.map((vehicle, i) =>
      i % 2 === 0
        ? revokeVehicle(paths, { vehicle, clock: systemClock })
        : rotate(rotationOf(keyOf(vehicle), newKey(`new-${i}`))),
    ),
  );
  for (const [i, id] of ids.entries()) {
    const { revoked, earlier } = rowOf(id) ?? {};
    expect([id, revoked, earlier?.length]).toEqual(
      i % 2 === 0 ? [id, true, undefined] : [id, undefined, 1],
    );
  }
});
