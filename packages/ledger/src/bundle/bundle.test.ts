import { type Crypto, concatBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { idCommitmentOf, keyIdOf } from "../modules/device-record.ts";
import { portableCrypto } from "../portable-crypto.ts";
import { codecFault } from "../testing/codec-laws.ts";
import { certify, createConsortium, finalise, signerOf } from "../testing/consortium.ts";
import { ProvenSite } from "../testing/proven-site.ts";
import { testFrames } from "../testing/test-frame.ts";
import { at, deviceTx } from "../testing/transactions.ts";
import { assembleEventBundle, assembleFrameBundle } from "./assemble-bundle.ts";
import { decodeBundle, encodeBundle, type ProofBundle } from "./bundle.ts";
import type { VerifiedBundle } from "./verified-bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;
const salt = new Uint8Array(16).fill(5);

function verdict(bytes: Uint8Array, genesisBytes: Uint8Array, by: Crypto = crypto) {
  return verifyBundle({ bytes, genesisBytes, crypto: by, frames: testFrames });
}

function codeOf(bytes: Uint8Array, genesisBytes: Uint8Array): string {
  const given = verdict(bytes, genesisBytes);
  return given.ok ? "OK" : given.problem.code;
}

function proved(bytes: Uint8Array, genesisBytes: Uint8Array): VerifiedBundle {
  const given = verdict(bytes, genesisBytes);
  if (!given.ok) throw new Error(`${given.problem.code}: ${given.problem.detail}`);
  return given.value;
}

/** A site with 21 entries, three checkpoints and one event. */
async function createSite() {
  const site = new ProvenSite({ crypto });
  for (let sequence = 1; sequence <= 21; sequence++) {
    site.logFrame({ sequence });
    if (sequence % 7 === 0) site.checkpoint();
  }
  const detail = site.eventDetail(4);
  site.recordEvent({ detail, salt });
  const genesisBytes = site.consortium.genesis.bytes;
  return {
    site,
    detail,
    genesisBytes,
    frame: await site.frameBundle(4),
    event: await site.eventBundle(4, { detail, salt }),
  };
}

let given: Awaited<ReturnType<typeof createSite>>;

beforeAll(async () => {
  given = await createSite();
});

function altered(bytes: Uint8Array, change: (bundle: ProofBundle) => ProofBundle): Uint8Array {
  const decoded = decodeBundle(bytes);
  if (!decoded.ok) throw new Error(decoded.problem.detail);
  return encodeBundle(change(decoded.value));
}

describe("a frame bundle", () => {
  it("says whose frame it is, who logged it, what made it final and who signed", () => {
    const { site, frame, genesisBytes } = given;
    const facts = proved(frame, genesisBytes);
    const { chain, consortium } = site;
    expect(facts.kind).toBe("frame");
    expect(facts.chain).toEqual({ name: "test", chainId: consortium.genesis.chainId });
    expect(facts.vehicle).toMatchObject({ id: "vehicle-1", organisation: "north" });
    expect(facts.frame).toMatchObject({ stream: "telemetry", sequence: 5, samples: 10 });
    expect(facts.frame.commitment).toEqual(crypto.sha256(facts.frame.bytes));
    expect(facts.entry).toMatchObject({ kind: "frame", sampleCount: 10, unlinked: false });
    expect(facts.unit).toMatchObject({ id: "unit-1", organisation: "north" });
    expect(facts.log).toMatchObject({ index: 4, size: 21 });
    expect(facts.checkpoint).toMatchObject({ height: 3, resultIndex: 2 });
    expect(facts.block).toMatchObject({
      height: 4,
      hash: chain.head.hash,
      time_ms: chain.head.header.time_ms,
      proposer: "validator-4",
      round: 0,
    });
    expect(facts.validators.signed.map(({ id }) => id)).toEqual([
      "validator-1",
      "validator-2",
      "validator-3",
    ]);
    expect(facts.validators).toMatchObject({ of: 4, needed: 3 });
    expect(facts.event).toBeUndefined();
  });

  it("verifies for every entry of the log, also with the browser's crypto", async () => {
    const { site, genesisBytes } = given;
    for (let index = 0; index < 21; index++) {
      const bytes = await site.frameBundle(index);
      expect(proved(bytes, genesisBytes).frame.sequence).toBe(index + 1);
    }
    expect(verdict(given.frame, genesisBytes, portableCrypto)).toEqual(
      verdict(given.frame, genesisBytes),
    );
  });

  it("rests on an older checkpoint where one is named", async () => {
    const bytes = await given.site.frameBundle(4, { checkpointResult: 0 });
    expect(proved(bytes, given.genesisBytes).log.size).toBe(7);
  });

  it("of a unit's next log verifies as such, and as no other", async () => {
    const site = new ProvenSite({ crypto });
    site.logFrame({ sequence: 1 });
    site.checkpoint();
    const before = await site.frameBundle(0);
    site.openNextLog();
    site.logFrame({ sequence: 2, entry: { unlinked: true } });
    site.checkpoint();
    const after = await site.frameBundle(1);
    const genesisBytes = site.consortium.genesis.bytes;
    expect(proved(before, genesisBytes).log).toMatchObject({ number: 1, index: 0 });
    expect(proved(after, genesisBytes)).toMatchObject({
      unit: { id: "unit-1" },
      log: { number: 2, index: 1, size: 2, logId: site.log.logId },
    });
    for (const logNumber of [1, 3]) {
      const other = altered(after, (bundle) => ({
        ...bundle,
        unit: { ...bundle.unit, logNumber },
      }));
      expect(codeOf(other, genesisBytes)).toBe("CHECKPOINT_NOT_FINAL");
    }
    expect(await assembleFrameBundle(site.options(0))).toMatchObject({
      problem: { code: "UNKNOWN_FRAME" },
    });
  });

  it("carries a quorum of signatures where the certificate has more, and verifies with all of them", async () => {
    const { site, frame, genesisBytes } = given;
    const { header } = site.chain.head;
    const all = certify({ consortium: site.consortium, header, signers: [0, 1, 2, 3] });
    const signatures = (bytes: Uint8Array) => proved(bytes, genesisBytes).validators.signed.length;
    const full = altered(frame, (bundle) => ({ ...bundle, signatures: all.signatures }));
    expect(signatures(full)).toBe(4);
    expect(signatures(frame)).toBe(3);
  });
});

describe("an event bundle", () => {
  it("says what the event was, that the unit recorded it and on which frame it rests", () => {
    const { event, detail, genesisBytes } = given;
    const facts = proved(event, genesisBytes);
    expect(facts.kind).toBe("event");
    expect(facts.event).toMatchObject({
      class: "overcharge",
      state: "asserted",
      level: 2,
      detail,
      height: 4,
      resultIndex: 3,
      timeBucket: 29_333_333,
      content: { value: 4.25, vehicleId: "vehicle-1" },
    });
    expect(facts.event?.id).toEqual(crypto.sha256(salt, detail));
    expect(facts.frame.sequence).toBe(5);
  });

  it("of another frame, vehicle, unit or content than it names is refused", async () => {
    const { site, genesisBytes, event } = given;
    expect(codeOf(await site.eventBundle(5, { detail: given.detail, salt }), genesisBytes)).toBe(
      "EVENT_OTHER_FRAME",
    );
    const codeWith = async (over: Record<string, unknown>): Promise<string> => {
      const detail = site.eventDetail(4, over);
      if (site.chain.eventState(crypto.sha256(salt, detail)) === undefined) {
        site.recordEvent({ detail, salt });
      }
      return codeOf(await site.eventBundle(4, { detail, salt }), genesisBytes);
    };
    expect(await codeWith({ vehicleId: "vehicle-2" })).toBe("EVENT_OTHER_FRAME");
    expect(await codeWith({ unitId: "unit-2" })).toBe("EVENT_OTHER_FRAME");
    expect(await codeWith({ level: 1 })).toBe("EVENT_NOT_FINAL");
    expect(await codeWith({ state: "cleared" })).toBe("EVENT_NOT_FINAL");
    expect(await codeWith({ class: "gap-declared" })).toBe("EVENT_NOT_FINAL");
    expect(await codeWith({ class: "party" })).toBe("EVENT_MALFORMED");
    expect(await codeWith({ frame: null })).toBe("EVENT_MALFORMED");
    expect(await codeWith({ sentence: "another" })).toBe("OK");
    const other = altered(event, (bundle) => ({
      ...bundle,
      event: bundle.event && { ...bundle.event, salt: new Uint8Array(16) },
    }));
    expect(codeOf(other, genesisBytes)).toBe("EVENT_NOT_FINAL");
  });

  it("whose detail is not canonical JSON is refused", async () => {
    const { site, genesisBytes } = given;
    const good = new TextDecoder().decode(site.eventDetail(4));
    const variants = [
      "{}",
      "[1]",
      "nonsense",
      `\uFEFF${good}`,
      `${good} `,
      good.replace('"level":2', '"level": 2'),
      good.replace('"level":2', '"level":2.0'),
      good.replace('"level":2', '"level":1,"level":2'),
      good.replace('"class":"overcharge",', "").replace("{", '{"class":"overcharge",'),
    ];
    for (const text of variants) {
      const detail = new TextEncoder().encode(text);
      site.recordEvent({ detail, salt });
      const bytes = await site.eventBundle(4, { detail, salt });
      expect(codeOf(bytes, genesisBytes)).toBe("EVENT_MALFORMED");
    }
  });
});

describe("a bundle", () => {
  it("with any one byte changed, in any way tried, never verifies", () => {
    for (const bytes of [given.frame, given.event]) {
      for (let i = 0; i < bytes.length; i++) {
        for (const mask of [1 << (i % 8), 0xff]) {
          const changed = bytes.slice();
          changed[i] = (changed[i] ?? 0) ^ mask;
          expect(`${i} ${codeOf(changed, given.genesisBytes)}`).not.toBe(`${i} OK`);
        }
      }
    }
  });

  it("with missing or trailing bytes never verifies", () => {
    for (const bytes of [given.frame, given.event]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(codeOf(bytes.slice(0, length), given.genesisBytes)).toBe("BUNDLE_MALFORMED");
      }
      for (const extra of [[0], [1, 2, 3], [...bytes]]) {
        const longer = concatBytes(bytes, Uint8Array.from(extra));
        expect(codeOf(longer, given.genesisBytes)).toBe("BUNDLE_MALFORMED");
      }
    }
  });

  it("with a byte put in or taken out anywhere never verifies", () => {
    const { frame, genesisBytes } = given;
    for (let i = 0; i < frame.length; i++) {
      const before = frame.subarray(0, i);
      const inserted = concatBytes(before, Uint8Array.of(0), frame.subarray(i));
      const taken = concatBytes(before, frame.subarray(i + 1));
      expect(codeOf(inserted, genesisBytes)).not.toBe("OK");
      expect(codeOf(taken, genesisBytes)).not.toBe("OK");
    }
  });

  it("has one encoding, and arbitrary bytes get a verdict", () => {
    const fault = codecFault({ bytes: given.frame, encode: encodeBundle, decode: decodeBundle });
    expect(fault).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const prefixed = concatBytes(given.frame.subarray(0, 6), bytes);
        expect(verdict(bytes, given.genesisBytes).ok).toBe(false);
        expect(verdict(prefixed, given.genesisBytes).ok).toBe(false);
      }),
    );
  });

  it("does not verify with another genesis file, however alike", () => {
    const others = [
      createConsortium({ crypto, chain: "other" }),
      createConsortium({ crypto, validators: 5 }),
      createConsortium({ crypto, vehicles: 4 }),
    ];
    for (const { genesis } of others) {
      expect(codeOf(given.frame, genesis.bytes)).toBe("WRONG_GENESIS");
    }
    expect(codeOf(given.frame, new Uint8Array())).toBe("GENESIS_INVALID");
  });

  it("with any byte of the genesis file changed never verifies", () => {
    for (let i = 0; i < given.genesisBytes.length; i++) {
      const changed = given.genesisBytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(["WRONG_GENESIS", "GENESIS_INVALID"]).toContain(codeOf(given.frame, changed));
    }
  });

  it("names the first link that does not hold", () => {
    const { frame, genesisBytes } = given;
    const zeros = new Uint8Array(32);
    const codeWith = (change: (bundle: ProofBundle) => Partial<ProofBundle>): string =>
      codeOf(
        altered(frame, (bundle) => ({ ...bundle, ...change(bundle) })),
        genesisBytes,
      );
    expect(codeOf(Uint8Array.from([...frame.subarray(0, 4), 9]), genesisBytes)).toBe(
      "BUNDLE_VERSION_UNKNOWN",
    );
    expect(codeWith(({ signatures }) => ({ signatures: signatures.slice(1) }))).toBe(
      "CERTIFICATE_INVALID",
    );
    expect(codeWith(() => ({ round: 1 }))).toBe("CERTIFICATE_INVALID");
    expect(codeWith(({ header }) => ({ header: { ...header, stateRoot: zeros } }))).toBe(
      "CERTIFICATE_INVALID",
    );
    expect(codeWith(({ checkpoint }) => ({ checkpoint: { ...checkpoint, size: 22 } }))).toBe(
      "CHECKPOINT_NOT_FINAL",
    );
    expect(codeWith(({ unit }) => ({ unit: { ...unit, id: "unit-2" } }))).toBe(
      "CHECKPOINT_NOT_FINAL",
    );
    expect(codeWith(({ unit }) => ({ unit: { ...unit, organisation: "south" } }))).toBe(
      "DEVICE_NOT_PROVEN",
    );
    expect(codeWith(({ vehicle }) => ({ vehicle: { ...vehicle, salt } }))).toBe(
      "DEVICE_NOT_PROVEN",
    );
    expect(codeWith(() => ({ frame: new Uint8Array(3) }))).toBe("FRAME_MALFORMED");
    expect(codeWith(() => ({ logIndex: 5 }))).toBe("ENTRY_NOT_IN_LOG");
    expect(
      codeWith(({ entry }) => ({
        entry: { ...entry, head: Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 10) },
      })),
    ).toBe("ENTRY_DIFFERS");
    expect(
      codeWith(({ entry }) => ({
        entry: { ...entry, head: Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 11) },
      })),
    ).toBe("ENTRY_DIFFERS");
  });
});

describe("whose frame it is", () => {
  it("is shown by the key that the state names, not by what the frame says", async () => {
    const site = new ProvenSite({ crypto });
    const [honest, liar] = [at(site.consortium.vehicles, 0), at(site.consortium.vehicles, 1)];
    // Signed by one vehicle's key, under another's name.
    site.logFrame({ sequence: 1, vehicle: { ...liar, id: honest.id } });
    site.checkpoint();
    const genesisBytes = site.consortium.genesis.bytes;
    const keys = { honest: honest.signer.publicKey, liar: liar.signer.publicKey };
    const asHonest = { vehicle: { key: keys.honest, salt: honest.salt } };
    const asLiar = { vehicle: { key: keys.liar, salt: liar.salt } };
    expect(codeOf(await site.frameBundle(0, asHonest), genesisBytes)).toBe("FRAME_KEY_DIFFERS");
    expect(codeOf(await site.frameBundle(0, asLiar), genesisBytes)).toBe("DEVICE_NOT_PROVEN");
  });

  it("needs the device's own signature", async () => {
    const site = new ProvenSite({ crypto });
    const [victim, liar] = [at(site.consortium.vehicles, 0), at(site.consortium.vehicles, 1)];
    const mixed = { publicKey: victim.signer.publicKey, sign: liar.signer.sign };
    site.logFrame({ sequence: 1, vehicle: { ...victim, signer: mixed } });
    site.checkpoint();
    expect(codeOf(await site.frameBundle(0), site.consortium.genesis.bytes)).toBe(
      "FRAME_SIGNATURE_INVALID",
    );
  });

  it("stays proven after a revocation for what was final before it, and not for what came later", async () => {
    const site = new ProvenSite({ crypto });
    const { consortium, chain } = site;
    const vehicle = at(consortium.vehicles, 0);
    site.logFrame({ sequence: 1 });
    site.checkpoint();
    const enrolment = chain.deviceOf(keyIdOf(vehicle.signer.publicKey, crypto));
    if (enrolment === undefined) throw new Error("the vehicle is enrolled");
    const sender = at(consortium.validators, 0);
    site.settle(deviceTx({ consortium, sender, nonce: 1, action: "revoke", enrolment }));
    const genesisBytes = consortium.genesis.bytes;
    expect(proved(await site.frameBundle(0), genesisBytes).vehicle.revokedHeight).toBe(2);
    site.logFrame({ sequence: 2 });
    site.checkpoint();
    expect(codeOf(await site.frameBundle(1), genesisBytes)).toBe("DEVICE_NOT_VALID");
    const earlier = await site.frameBundle(0, { checkpointResult: 0 });
    expect(proved(earlier, genesisBytes).log.size).toBe(1);
  });
});

describe("an enrolment on the chain", () => {
  it("proves frames from the checkpoints after it on, while it is valid", async () => {
    const site = new ProvenSite({ crypto });
    const { consortium, chain } = site;
    const vehicle = {
      id: "vehicle-9",
      signer: signerOf("newcomer", crypto),
      salt: new Uint8Array(16).fill(9),
    };
    const { publicKey: key } = vehicle.signer;
    const validFrom_ms = chain.head.header.time_ms;
    const validTo_ms = validFrom_ms + 10_000;
    const enrolment = {
      kind: "vehicle" as const,
      key,
      organisation: "north",
      idCommitment: idCommitmentOf(vehicle, crypto),
      validFrom_ms,
      validTo_ms,
    };
    const code = async (over: { checkpointResult?: number } = {}): Promise<string> =>
      codeOf(
        await site.frameBundle(0, { vehicle: { key, salt: vehicle.salt }, ...over }),
        consortium.genesis.bytes,
      );
    site.logFrame({ sequence: 1, vehicle });
    site.checkpoint();
    const sender = at(consortium.validators, 0);
    site.settle(deviceTx({ consortium, sender, nonce: 1, action: "enrol", enrolment }));
    expect(await code()).toBe("DEVICE_NOT_VALID");
    site.logFrame({ sequence: 2, vehicle });
    site.checkpoint();
    expect(await code()).toBe("OK");
    expect(await code({ checkpointResult: 0 })).toBe("DEVICE_NOT_VALID");
    finalise({ consortium, chain, time_ms: validTo_ms });
    expect(await code()).toBe("OK");
    finalise({ consortium, chain, time_ms: validTo_ms + 1 });
    expect(await code()).toBe("DEVICE_NOT_VALID");
  });

  it("that begins later proves nothing yet", async () => {
    const site = new ProvenSite({ crypto });
    const { consortium, chain } = site;
    const vehicle = { id: "vehicle-9", signer: signerOf("newcomer", crypto), salt };
    const { publicKey: key } = vehicle.signer;
    const enrolment = {
      kind: "vehicle" as const,
      key,
      organisation: "north",
      idCommitment: idCommitmentOf(vehicle, crypto),
      validFrom_ms: chain.head.header.time_ms + 60_000,
      validTo_ms: chain.head.header.time_ms + 90_000,
    };
    const sender = at(consortium.validators, 0);
    site.settle(deviceTx({ consortium, sender, nonce: 1, action: "enrol", enrolment }));
    site.logFrame({ sequence: 1, vehicle });
    site.checkpoint();
    const bytes = await site.frameBundle(0, { vehicle: { key, salt } });
    expect(codeOf(bytes, consortium.genesis.bytes)).toBe("DEVICE_NOT_VALID");
  });
});

describe("other entries", () => {
  it("prove a refusal with its code and a gap with its extent, under every flipped byte", async () => {
    const site = new ProvenSite({ crypto });
    site.logFrame({ sequence: 1, entry: { kind: "refused", code: 9, sampleCount: 0 } });
    site.logFrame({
      sequence: 9,
      entry: {
        kind: "gap",
        cause: 1,
        firstMissing: 2,
        lastMissing: 8,
        samplesMissing: 70,
        knownSince_ms: 5,
        unlinked: true,
      },
    });
    site.checkpoint();
    const genesisBytes = site.consortium.genesis.bytes;
    const refusal = await site.frameBundle(0);
    const gap = await site.frameBundle(1);
    expect(proved(refusal, genesisBytes).entry).toMatchObject({ kind: "refused", code: 9 });
    expect(proved(gap, genesisBytes).entry).toMatchObject({
      kind: "gap",
      firstMissing: 2,
      lastMissing: 8,
      unlinked: true,
    });
    for (let i = 0; i < gap.length; i++) {
      const changed = gap.slice();
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
      expect(codeOf(changed, genesisBytes)).not.toBe("OK");
    }
  });
});

describe("assembling", () => {
  it("says why there is no bundle yet", async () => {
    const site = new ProvenSite({ crypto });
    const code = async (index: number): Promise<string> => {
      const assembled = await assembleFrameBundle(site.options(index));
      return assembled.ok ? "OK" : assembled.problem.code;
    };
    expect(await code(0)).toBe("UNKNOWN_FRAME");
    site.logFrame({ sequence: 1 });
    expect(await code(0)).toBe("NOT_FINAL");
    site.checkpoint();
    site.logFrame({ sequence: 2 });
    expect(await code(0)).toBe("OK");
    expect(await code(1)).toBe("NOT_FINAL");
    const stranger = { key: new Uint8Array(32).fill(1), salt };
    const unknown = await assembleFrameBundle({ ...site.options(0), vehicle: stranger });
    expect(unknown.ok ? "OK" : unknown.problem.code).toBe("DEVICE_UNKNOWN");
    const event = { detail: site.eventDetail(0), salt };
    const early = await assembleEventBundle({ ...site.options(0), event });
    expect(early.ok ? "OK" : early.problem.code).toBe("NOT_FINAL");
    site.recordEvent(event);
    const wrong = await assembleFrameBundle({ ...site.options(0), checkpointResult: 1 });
    expect(wrong.ok ? "OK" : wrong.problem.code).toBe("CHECKPOINT_UNKNOWN");
    const missing = await assembleFrameBundle({ ...site.options(0), checkpointResult: 99 });
    expect(missing.ok ? "OK" : missing.problem.code).toBe("CHECKPOINT_UNKNOWN");
    site.erase(0);
    expect(await code(0)).toBe("FRAME_ERASED");
  });
});

describe("the size of a bundle", () => {
  it("is about 3 KB beside its frame with 20 validators, 500 devices and 1,024 entries", async () => {
    const site = new ProvenSite({ crypto, validators: 20, units: 20, vehicles: 480 });
    for (let sequence = 1; sequence <= 1024; sequence++) site.logFrame({ sequence });
    site.checkpoint();
    const bytes = await site.frameBundle(700);
    const facts = proved(bytes, site.consortium.genesis.bytes);
    expect(facts.validators.signed.length).toBe(14);
    const beside_bytes = bytes.length - facts.frame.bytes.length;
    // A log of a million entries adds ten hashes, a results log of a thousand ten more.
    expect(beside_bytes).toBeLessThan(3072 - 320);
    expect(toHex(facts.block.hash)).toBe(toHex(site.chain.head.hash));
  });
});
