import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyIdOf } from "@voltfog/messages";
import { ManualClock, type Signer, silentLogger, toHex } from "@voltfog/runtime";
import { createSigningKey, loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, test } from "vitest";
import { certifyVehicle, siteAuthority } from "../testing/test-certificates.ts";
import { temporaryFolder, testVehicleId } from "../testing/test-vehicle.ts";
import { DeviceKeys } from "./device-keys.ts";
import { followKeys } from "./follow-keys.ts";

let folder: string;
let first: Signer;
let next: Signer;
const last = { telemetry: 41, urgent: 3 };
const at = (name: string): string => join(folder, `${testVehicleId}.${name}`);
const open = (): DeviceKeys =>
  new DeviceKeys({
    vehicleId: testVehicleId,
    keys: folder,
    certificates: folder,
    tlsAuthority: join(folder, "ca.crt"),
    tlsRevocations: "",
    logger: silentLogger,
    crypto: nodeCrypto,
  });

async function certify(key: string, certificate: string): Promise<void> {
  const identity = await certifyVehicle({ id: testVehicleId, keyFile: at(key) });
  writeFileSync(at(certificate), identity.certificate);
}

beforeEach(async () => {
  folder = temporaryFolder();
  writeFileSync(join(folder, "ca.crt"), siteAuthority.certificate);
  first = createSigningKey(at("key"));
  await certify("key", "crt");
  next = createSigningKey(at("next.key"));
});

function change(keys: DeviceKeys): void {
  keys.change(keys.letGo().next, last);
}

const signsWith = (keys: DeviceKeys): string => toHex(keys.signer.publicKey);

describe("a change of keys", () => {
  test("signs with the new key at once and connects with it once it is certified", async () => {
    const keys = open();
    expect([keys.due, signsWith(keys)]).toEqual(["change", toHex(first.publicKey)]);
    const { signer } = keys;
    change(keys);
    // Whoever holds the signer signs with the new key from here on.
    expect(toHex(signer.publicKey)).toBe(toHex(next.publicKey));
    expect([keys.identity, keys.due]).toEqual([undefined, undefined]);
    await certify("next.key", "next.crt");
    expect(keys.due).toBe("certificate");
    keys.finish();
    expect(keys.due).toBeUndefined();
    expect(keys.identity?.key).toContain("PRIVATE KEY");
    expect(readdirSync(folder).sort()).toEqual(
      ["ca.crt", `${testVehicleId}.crt`, `${testVehicleId}.key`].sort(),
    );
    expect(toHex(loadSigningKey(at("key")).publicKey)).toBe(toHex(next.publicKey));
    for (const { publicKey } of [first, next]) {
      expect(keys.isOwn(keyIdOf({ publicKey, crypto: nodeCrypto }))).toBe(true);
    }
  });

  test("is gone on with after a crash at any step", async () => {
    change(open());
    const waiting = open();
    expect([signsWith(waiting), waiting.identity]).toEqual([toHex(next.publicKey), undefined]);
    await certify("next.key", "next.crt");
    // Certificate moved, key not: what a crash between the two leaves.
    const steps = [() => {}, () => renameSync(at("next.crt"), at("crt")), moveBoth];
    const before = temporaryFolder();
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(before, name));
    for (const step of steps) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      for (const name of readdirSync(before)) copyFileSync(join(before, name), join(folder, name));
      step();
      const keys = open();
      expect(signsWith(keys)).toBe(toHex(next.publicKey));
      expect(keys.identity).toBeDefined();
      expect(existsSync(at("change.json"))).toBe(false);
    }
  });

  function moveBoth(): void {
    renameSync(at("next.crt"), at("crt"));
    renameSync(at("next.key"), at("key"));
  }

  test("waits on with a certificate that is not the new key's", async () => {
    const keys = open();
    change(keys);
    await certify("key", "next.crt");
    expect(() => keys.finish()).toThrowError(
      expect.objectContaining({ code: "CERTIFICATE_UNREADABLE" }),
    );
    expect(open().identity).toBeUndefined();
    await certify("next.key", "next.crt");
    keys.finish();
    expect(keys.identity).toBeDefined();
  });
});

describe("following the files", () => {
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };

  test("ends the connection first, then fixes the last frames once nothing is being written", async () => {
    const keys = open();
    const clock = new ManualClock();
    const steps: string[] = [];
    let isWriting = true;
    const stop = followKeys({
      vehicleId: testVehicleId,
      keys,
      uplink: {
        reconnect: async () => {
          steps.push(`reconnect ${keys.identity === undefined ? "without" : "with"} identity`);
        },
      },
      writer: {
        get lastNumbers() {
          return isWriting ? undefined : last;
        },
        settle: async () => {
          steps.push(`settle, ${signsWith(keys) === toHex(first.publicKey) ? "old" : "new"} key`);
          isWriting = false;
        },
      },
      clock,
      logger: silentLogger,
    });
    clock.advance(500);
    await settled();
    expect(steps).toEqual(["reconnect without identity", "settle, old key"]);
    expect(signsWith(keys)).toBe(toHex(next.publicKey));
    await certify("next.key", "next.crt");
    clock.advance(500);
    await settled();
    expect(steps.at(-1)).toBe("reconnect with identity");
    stop();
  });

  test("goes on with the present key where the next one is none, and looks again", async () => {
    writeFileSync(at("next.key"), "rubbish");
    const keys = open();
    const clock = new ManualClock();
    const writer = { lastNumbers: last, settle: async () => {} };
    const stop = followKeys({
      vehicleId: testVehicleId,
      keys,
      uplink: { reconnect: async () => {} },
      writer,
      clock,
      logger: silentLogger,
    });
    clock.advance(500);
    await settled();
    expect([signsWith(keys), keys.identity === undefined]).toEqual([toHex(first.publicKey), false]);
    createSigningKey(at("next.key"));
    clock.advance(500);
    await settled();
    expect(keys.identity).toBeUndefined();
    stop();
  });
});
