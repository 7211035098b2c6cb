import { assert } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { balanceOf, supplyOf } from "../../../packages/ledger/src/modules/account-money.ts";
import {
  decodeBeanEnvelope,
  decodeBeanGift,
  decodeBeanMovement,
  decodeBeanPurchase,
  decodeRebate,
  encodeBeanEnvelope,
  encodeBeanGift,
  encodeBeanMovement,
  encodeBeanPurchase,
  encodeEnvelopeName,
  encodeRebate,
} from "../../../packages/ledger/src/modules/bean-payloads.ts";
import {
  decodeBeans,
  decodeEnvelopeResult,
  encodeBeans,
  encodeEnvelopeResult,
} from "../../../packages/ledger/src/modules/bean-records.ts";
import { beansModule } from "../../../packages/ledger/src/modules/beans.ts";
import { sessionPot } from "../../../packages/ledger/src/modules/session-money.ts";
import {
  decodeAuthorisation,
  decodeDispute,
  decodeMeterReading,
  decodeOfflineSettlement,
  decodeResolution,
  decodeSettlement,
  decodeVoucher,
  encodeAuthorisation,
  encodeDispute,
  encodeMeterReading,
  encodeOfflineSettlement,
  encodeResolution,
  encodeSessionName,
  encodeSettlement,
  encodeVoucher,
  sessionAction,
} from "../../../packages/ledger/src/modules/session-payloads.ts";
import {
  decodeSession,
  decodeSessionResult,
  encodeSession,
  encodeSessionResult,
} from "../../../packages/ledger/src/modules/session-record.ts";
import { signVoucher } from "../../../packages/ledger/src/modules/session-voucher.ts";
import { sessionsModule } from "../../../packages/ledger/src/modules/sessions.ts";
import { unionPool } from "../../../packages/ledger/src/modules/union-records.ts";
import { BareLedger } from "../../../packages/ledger/src/testing/bare-ledger.ts";
import { ChargingSite, tariff } from "../../../packages/ledger/src/testing/charging-site.ts";
import { codec, type FuzzTarget } from "../target.ts";

const site = new ChargingSite({ crypto });
const driver = site.site.person("driver", 50_000_000);
const hash = new Uint8Array(32).fill(1);
const salts = [0, 1, 2, 3].map((byte) => new Uint8Array(16).fill(byte));
const ids = salts.map((salt) => site.id(driver, { salt }));
const id = new Uint8Array(16).fill(5);
const { chainId } = site.site.consortium.genesis;

// Sessions in every state that an action can meet, beans and an envelope.
site.rebate(site.north, driver, 5_000);
site.bean(
  site.north,
  "envelope",
  encodeBeanEnvelope({ id, energy_Wh: 900, shares: 3, untilHeight: 90_000 }),
);
for (const salt of salts.slice(0, 2)) site.authorise(driver, { salt });
const charging = ids[1] ?? hash;
site.read("start", charging, { meter_Wh: 1_000 });
for (const salt of salts.slice(2, 4)) site.offline(driver, 8_000, { order: { salt } });
const settled = ids[2] ?? hash;
const disputed = ids[3] ?? hash;
const dispute = { sessionId: disputed, vehicleEnergy_Wh: 5, evidenceHash: hash };
site.session(driver, "dispute", encodeDispute(dispute));

const now_ms = site.now_ms;
const senders = [driver, site.north, site.south, site.northPoint, site.site.authority];
const account = driver.signer.publicKey;
const order = site.order({ salt: new Uint8Array(16).fill(7) });
const reading = { sessionId: charging, meter_Wh: 1_050, time_ms: now_ms + 900 };
const voucher = signVoucher({ chainId, terms: { ...order, ...tariff }, signer: driver.signer });
const offline = {
  voucher,
  start_ms: now_ms - 1_000_000,
  start_Wh: 0,
  end_ms: now_ms,
  end_Wh: 500,
  receiptHash: hash,
};
const settlement = { ...reading, receiptHash: hash };
const resolution = { sessionId: disputed, refund: 100, reasonHash: hash };
const gift = { organisation: "north", account: site.south.signer.publicKey, energy_Wh: 10 };
const purchase = { organisation: "north", energy_Wh: 10, pricePerKWh: 500_000 };
const envelope = { id: hash.slice(0, 16), energy_Wh: 900, shares: 3, untilHeight: 90 };
const rebate = { account, energy_Wh: 9 };

/** Sender, module, action, and then the payload. */
const call = (sender: number, module: 8 | 9, action: number, payload: Uint8Array): Uint8Array =>
  Uint8Array.of(sender, module, action, ...payload);
const calls = [
  call(0, 8, sessionAction.authorise, encodeAuthorisation(order)),
  call(3, 8, sessionAction.start, encodeMeterReading({ ...reading, sessionId: ids[0] ?? hash })),
  call(3, 8, sessionAction.meter, encodeMeterReading(reading)),
  call(3, 8, sessionAction.settle, encodeSettlement(settlement)),
  call(3, 8, sessionAction.settleOffline, encodeOfflineSettlement(offline)),
  call(0, 8, sessionAction.cancel, encodeSessionName(ids[0] ?? hash)),
  call(0, 8, sessionAction.dispute, encodeDispute({ ...dispute, sessionId: settled })),
  call(4, 8, sessionAction.resolve, encodeResolution(resolution)),
  call(0, 8, sessionAction.expire, encodeSessionName(charging)),
  call(1, 9, 1, encodeRebate(rebate)),
  call(0, 9, 3, encodeBeanPurchase(purchase)),
  call(0, 9, 4, encodeBeanGift(gift)),
  call(1, 9, 5, encodeBeanEnvelope(envelope)),
  call(0, 9, 6, encodeEnvelopeName(id)),
];

/** All money that the site has, wherever an action can put it. */
function moneyIn(state: BareLedger["state"]): number {
  const pots = [...ids, site.id(driver, { salt: order.salt })].map(sessionPot);
  const places = [...senders.map(({ signer }) => signer.publicKey), ...pots, unionPool];
  return places.reduce((sum, place) => sum + balanceOf(state, place), 0);
}

assert(moneyIn(site.site.state) === supplyOf(site.site.state), "the site's money is known");

export const targets: readonly FuzzTarget[] = [
  {
    // Any order of anybody leaves the sum of money as it was, but for pots of sessions that nobody knows.
    name: "charging-rules",
    seeds: () => calls,
    run(input) {
      const [sender = 0, number, action = 0] = input;
      const module = number === 9 ? beansModule : sessionsModule;
      const payload = input.slice(3);
      if (module.prepare(action, payload)?.ok !== true) return;
      const ledger = new BareLedger({ chain: site.site.chain, crypto });
      const key = senders[sender % senders.length]?.signer.publicKey ?? hash;
      ledger.run({ module, action, payload, key });
      const money = moneyIn(ledger.state);
      const supply = supplyOf(ledger.state);
      if (money > supply || supply !== supplyOf(site.site.state)) throw new Error("made money");
      const isNew = module === sessionsModule && action === sessionAction.authorise;
      if (money < supply && !isNew) throw new Error("lost money");
    },
  },
  codec({
    name: "authorisation",
    decode: decodeAuthorisation,
    encode: encodeAuthorisation,
    seeds: () => [order, { ...order, beansOf: "north" }].map(encodeAuthorisation),
  }),
  codec({
    name: "meter-reading",
    decode: decodeMeterReading,
    encode: encodeMeterReading,
    seeds: () => [encodeMeterReading(reading)],
  }),
  codec({
    name: "session-settlement",
    decode: decodeSettlement,
    encode: encodeSettlement,
    seeds: () => [encodeSettlement(settlement)],
  }),
  codec({
    name: "charging-voucher",
    decode: decodeVoucher,
    encode: encodeVoucher,
    seeds: () => [encodeVoucher(voucher)],
  }),
  codec({
    name: "offline-settlement",
    decode: decodeOfflineSettlement,
    encode: encodeOfflineSettlement,
    seeds: () => [encodeOfflineSettlement(offline)],
  }),
  codec({
    name: "session-dispute",
    decode: decodeDispute,
    encode: encodeDispute,
    seeds: () => [encodeDispute(dispute)],
  }),
  codec({
    name: "session-resolution",
    decode: decodeResolution,
    encode: encodeResolution,
    seeds: () => [encodeResolution(resolution)],
  }),
  codec({
    name: "session-record",
    decode: decodeSession,
    encode: encodeSession,
    seeds: () => ids.map((one) => encodeSession(site.record(one))),
  }),
  codec({
    name: "session-result",
    decode: decodeSessionResult,
    encode: encodeSessionResult,
    seeds: () =>
      ids.map((sessionId) => encodeSessionResult({ sessionId, session: site.record(sessionId) })),
  }),
  codec({
    name: "bean-rebate",
    decode: decodeRebate,
    encode: encodeRebate,
    seeds: () => [encodeRebate(rebate)],
  }),
  codec({
    name: "bean-purchase",
    decode: decodeBeanPurchase,
    encode: encodeBeanPurchase,
    seeds: () => [encodeBeanPurchase(purchase)],
  }),
  codec({
    name: "bean-gift",
    decode: decodeBeanGift,
    encode: encodeBeanGift,
    seeds: () => [encodeBeanGift(gift)],
  }),
  codec({
    name: "bean-envelope",
    decode: decodeBeanEnvelope,
    encode: encodeBeanEnvelope,
    seeds: () => [encodeBeanEnvelope(envelope)],
  }),
  codec({
    name: "bean-movement",
    decode: decodeBeanMovement,
    encode: encodeBeanMovement,
    seeds: () =>
      [undefined, id].map((envelopeId) =>
        encodeBeanMovement({ organisation: "north", ...rebate, amount: 4, envelopeId }),
      ),
  }),
  codec({
    name: "bean-holdings",
    decode: decodeBeans,
    encode: encodeBeans,
    seeds: () => [
      encodeBeans([
        { organisation: "north", energy_Wh: 5 },
        { organisation: "south", energy_Wh: 6 },
      ]),
    ],
  }),
  codec({
    name: "envelope-result",
    decode: decodeEnvelopeResult,
    encode: encodeEnvelopeResult,
    seeds: () => [
      encodeEnvelopeResult({
        id,
        envelope: { organisation: "north", ...envelope, left_Wh: 8, sharesLeft: 2 },
      }),
    ],
  }),
];
