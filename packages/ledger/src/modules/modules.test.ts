import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import type { Result } from "../chain/result.ts";
import { logId, logOrigin } from "../log/checkpoint.ts";
import { createConsortium, finalise, type Member, signerOf } from "../testing/consortium.ts";
import {
  at,
  checkpointTx,
  deviceTx,
  eventRecord,
  eventTx,
  TestLog,
} from "../testing/transactions.ts";
import { decodeFinalCheckpoint } from "./checkpoints.ts";
import { type Enrolment, idCommitmentOf, keyIdOf, unitSalt } from "./device-record.ts";
import { encodeEventRecord } from "./events.ts";

const consortium = createConsortium({ crypto: nodeCrypto });
const { genesis, validators, units } = consortium;
const unit = at(units, 0);
const otherUnit = at(units, 1);
const validator = at(validators, 0);

let chain: Chain;
let nonce = 0;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
  nonce = 0;
});

function run(...transactions: Uint8Array[]): readonly Result[] {
  return finalise({ consortium, chain, transactions }).checked.results;
}

function codesOf(...transactions: Uint8Array[]): string[] {
  return run(...transactions).map(({ code }) => code);
}

describe("checkpoints", () => {
  let log: TestLog;

  beforeEach(() => {
    log = new TestLog({ consortium, unit });
    grow(5);
  });

  function grow(count: number): void {
    for (let i = 0; i < count; i++) {
      log.leaves.push(nodeCrypto.sha256(Uint8Array.of(log.leaves.length)));
    }
  }

  function submit(o: { from: number; to?: number; sender?: Member; note?: string }): Uint8Array {
    const to = o.to ?? log.leaves.length;
    return checkpointTx({
      consortium,
      sender: o.sender ?? unit,
      nonce: ++nonce,
      note: o.note ?? log.note(to),
      path: log.consistency(Math.min(o.from, to), to),
    });
  }

  it("become final when the log grew consistently, and the result says log, size and root", () => {
    const [first] = run(submit({ from: 0 }));
    const data = first && decodeFinalCheckpoint(first.data);
    const origin = logOrigin({ chain: "test", unitId: "unit-1" });
    const id = logId({ origin, publicKey: unit.signer.publicKey, crypto: nodeCrypto });
    expect(data?.ok && data.value.logId).toEqual(id);
    expect(data?.ok && data.value.size).toBe(5);
    expect(chain.logState(id)).toMatchObject({ size: 5, height: 1, resultIndex: 0 });
    grow(9);
    expect(codesOf(submit({ from: 5 }))).toEqual(["OK"]);
    expect(chain.logState(id)).toMatchObject({ size: 14, height: 2, resultIndex: 1 });
  });

  it("of another's log, another chain or by a validator are not yours", () => {
    const foreign = new TestLog({ consortium, unit: otherUnit });
    foreign.leaves.push(new Uint8Array(32));
    const elsewhere = new TestLog({
      consortium: createConsortium({ crypto: nodeCrypto, chain: "elsewhere" }),
      unit,
    });
    elsewhere.leaves.push(new Uint8Array(32));
    expect(
      codesOf(
        submit({ from: 0, note: foreign.note() }),
        submit({ from: 0, note: elsewhere.note() }),
        submit({ from: 0, note: "no note" }),
        submit({ from: 0, sender: validator }),
      ),
    ).toEqual(["LOG_NOT_YOURS", "LOG_NOT_YOURS", "LOG_NOT_YOURS", "LOG_NOT_YOURS"]);
  });

  it("whose note is not signed by the unit's key are invalid", () => {
    const impostor = new TestLog({ consortium, unit: { ...unit, signer: otherUnit.signer } });
    impostor.leaves.push(new Uint8Array(32));
    const broken = log.note().replace("\n5\n", "\n6\n");
    expect(
      codesOf(submit({ from: 0, note: impostor.note() }), submit({ from: 0, note: broken })),
    ).toEqual(["NOTE_INVALID", "NOTE_INVALID"]);
  });

  it("that do not grow are refused, and nothing changes", () => {
    expect(
      codesOf(submit({ from: 0 }), submit({ from: 5, to: 5 }), submit({ from: 3, to: 3 })),
    ).toEqual(["OK", "NOT_GROWN", "NOT_GROWN"]);
    const empty = new TestLog({ consortium, unit: otherUnit });
    const tx = checkpointTx({
      consortium,
      sender: otherUnit,
      nonce: 1,
      note: empty.note(),
      path: [],
    });
    expect(codesOf(tx)).toEqual(["NOT_GROWN"]);
  });

  it("of a rewritten log are inconsistent, also at the same size", () => {
    expect(codesOf(submit({ from: 0 }))).toEqual(["OK"]);
    log.leaves[2] = new Uint8Array(32);
    const same = submit({ from: 5, to: 5 });
    grow(4);
    expect(codesOf(same, submit({ from: 5 }))).toEqual(["INCONSISTENT", "INCONSISTENT"]);
  });

  it("with a path where none is due, or a wrong one, are inconsistent", () => {
    const note = log.note();
    const path = log.consistency(2);
    const tx = checkpointTx({ consortium, sender: unit, nonce: ++nonce, note, path });
    expect(codesOf(tx, submit({ from: 0 }))).toEqual(["INCONSISTENT", "OK"]);
    grow(3);
    expect(codesOf(submit({ from: 4 }))).toEqual(["INCONSISTENT"]);
  });
});

describe("events", () => {
  it("are recorded once, and the result repeats the payload", () => {
    const first = eventTx({ consortium, sender: unit, nonce: 1 });
    const again = eventTx({ consortium, sender: otherUnit, nonce: 1 });
    const [recorded, doubled] = run(first, again);
    expect(recorded?.code).toBe("OK");
    expect(recorded?.data).toEqual(encodeEventRecord(eventRecord()));
    expect(doubled?.code).toBe("DUPLICATE");
    expect(doubled?.data).toEqual(new Uint8Array());
    expect(chain.eventState(eventRecord().eventId)).toEqual({ height: 1, resultIndex: 0 });
  });

  it("come from units only", () => {
    expect(codesOf(eventTx({ consortium, sender: validator, nonce: 1 }))).toEqual([
      "NOT_AUTHORISED",
    ]);
  });
});

describe("devices", () => {
  const salt = new Uint8Array(16).fill(3);
  const newcomer: Member = { id: "vehicle-9", signer: signerOf("newcomer", nodeCrypto) };
  const newUnit: Member = { id: "unit-9", signer: signerOf("new unit", nodeCrypto) };
  const vehicle = enrolmentOf(newcomer, { salt });

  function enrolmentOf(member: Member, over: Partial<Enrolment> & { salt: Uint8Array }): Enrolment {
    const { salt: idSalt, ...rest } = over;
    return {
      kind: "vehicle",
      key: member.signer.publicKey,
      organisation: "north",
      idCommitment: idCommitmentOf({ salt: idSalt, id: member.id }, nodeCrypto),
      validFrom_ms: 0,
      validTo_ms: genesis.created_ms + 1_000_000,
      ...rest,
    };
  }

  function device(
    action: "enrol" | "revoke",
    enrolment: Enrolment,
    sender: Member = unit,
  ): Uint8Array {
    return deviceTx({ consortium, sender, nonce: ++nonce, action, enrolment });
  }

  it("of the genesis file are enrolled at height 0", () => {
    const record = chain.deviceOf(keyIdOf(unit.signer.publicKey, nodeCrypto));
    expect(record).toMatchObject({ kind: "unit", organisation: "north", enrolledHeight: 0 });
    expect(record?.revokedHeight).toBeUndefined();
  });

  it("are enrolled by the organisation's unit or a validator, and revoked once", () => {
    expect(codesOf(device("enrol", vehicle))).toEqual(["OK"]);
    const keyId = keyIdOf(vehicle.key, nodeCrypto);
    expect(chain.deviceOf(keyId)).toMatchObject({ enrolledHeight: 1, revokedHeight: undefined });
    expect(codesOf(device("enrol", vehicle))).toEqual(["ALREADY_ENROLLED"]);
    expect(codesOf(device("revoke", vehicle, at(validators, 1)))).toEqual(["OK"]);
    expect(chain.deviceOf(keyId)).toMatchObject({ enrolledHeight: 1, revokedHeight: 3 });
    expect(codesOf(device("revoke", vehicle), device("enrol", vehicle))).toEqual([
      "ALREADY_REVOKED",
      "ALREADY_ENROLLED",
    ]);
  });

  it("are not touched by another organisation's unit", () => {
    expect(codesOf(device("enrol", vehicle, otherUnit))).toEqual(["NOT_AUTHORISED"]);
    expect(codesOf(device("enrol", vehicle), device("revoke", vehicle, otherUnit))).toEqual([
      "OK",
      "NOT_AUTHORISED",
    ]);
  });

  it("need a known organisation, and a revocation that names exactly what was enrolled", () => {
    expect(codesOf(device("enrol", { ...vehicle, organisation: "west" }, validator))).toEqual([
      "ORGANISATION_UNKNOWN",
    ]);
    expect(codesOf(device("revoke", vehicle))).toEqual(["DEVICE_UNKNOWN"]);
    expect(codesOf(device("enrol", vehicle))).toEqual(["OK"]);
    const other = { ...vehicle, validTo_ms: vehicle.validTo_ms + 1 };
    expect(codesOf(device("revoke", other))).toEqual(["ENROLMENT_DIFFERS"]);
  });

  it("never share a validator's vote key", () => {
    const own = enrolmentOf(at(validators, 2), { salt });
    expect(codesOf(device("enrol", own, validator))).toEqual(["ALREADY_ENROLLED"]);
  });

  it("that are units send transactions while enrolled, valid and not revoked", () => {
    const enrolment = enrolmentOf(newUnit, { kind: "unit", salt: unitSalt });
    const tx = (n: number): Uint8Array => {
      const eventId = nodeCrypto.sha256(Uint8Array.of(n));
      return eventTx({ consortium, sender: newUnit, nonce: n, event: { eventId } });
    };
    expect(chain.admit(tx(1)).ok).toBe(false);
    // Enrolled earlier in the same block is enough.
    expect(codesOf(device("enrol", enrolment), tx(1))).toEqual(["OK", "OK"]);
    const log = new TestLog({ consortium, unit: newUnit });
    log.leaves.push(new Uint8Array(32));
    const note = log.note();
    expect(
      codesOf(checkpointTx({ consortium, sender: newUnit, nonce: 2, note, path: [] })),
    ).toEqual(["OK"]);
    finalise({ consortium, chain, time_ms: enrolment.validTo_ms });
    expect(chain.admit(tx(3)).ok).toBe(true);
    finalise({ consortium, chain, time_ms: enrolment.validTo_ms + 1 });
    const late = chain.admit(tx(3));
    expect(late.ok ? "admitted" : late.problem.code).toBe("TX_SENDER_UNKNOWN");
  });

  it("that are revoked units send nothing more, from the revoking transaction on", () => {
    const record = chain.deviceOf(keyIdOf(otherUnit.signer.publicKey, nodeCrypto));
    if (record === undefined) throw new Error("the unit is enrolled");
    const transactions = [
      device("revoke", record, validator),
      eventTx({ consortium, sender: otherUnit, nonce: 1 }),
    ];
    expect(codesOf(...transactions)).toEqual(["OK"]);
    const problem = chain.admit(at(transactions, 1));
    expect(problem.ok ? "admitted" : problem.problem.code).toBe("TX_SENDER_UNKNOWN");
  });

  it("that are vehicles send no transactions", () => {
    const sender = at(consortium.vehicles, 0);
    const problem = chain.admit(eventTx({ consortium, sender, nonce: 1 }));
    expect(problem.ok ? "admitted" : problem.problem.code).toBe("TX_SENDER_UNKNOWN");
  });
});

it("a module's refusal costs the sender its nonce and changes nothing else", () => {
  const before = chain.head.header.stateRoot;
  const tx = eventTx({ consortium, sender: validator, nonce: 7 });
  const [result] = run(tx);
  expect(result?.code).toBe("NOT_AUTHORISED");
  expect(chain.nonceOf(validator.signer.publicKey)).toBe(7);
  const again = chain.admit(tx);
  expect(again.ok ? "admitted" : again.problem.code).toBe("TX_NONCE_STALE");
  expect(equalBytes(before, chain.head.header.stateRoot)).toBe(false);
  expect(chain.eventState(eventRecord().eventId)).toBeUndefined();
});
