import { meterHash, ocmfKeyOf, ocmfPayload, type SignedMeter, signOcmf } from "@voltfog/market";
import { assert, type Crypto, toHex } from "@voltfog/runtime";
import { encodeSettlement } from "../modules/session-payloads.ts";
import { encodeVehicleLink, signVehicleLink, v2vAction } from "../modules/v2v-orders.ts";
import { v2vVehicleName } from "../modules/v2v-state.ts";
import { signEnergyStatement } from "../modules/v2v-statement.ts";
import type { Receipt, VehicleCount } from "../receipt/receipt.ts";
import { sessionName } from "../state/names.ts";
import { ChargingSite } from "./charging-site.ts";
import type { Member } from "./consortium.ts";
import { at } from "./transactions.ts";

const algorithm = "ECDSA-secp256r1-SHA256";
const minute_ms = 60_000;

/** A session of ten kilowatt-hours that a driver and a charge point brought to its end. For tests. */
export class ReceiptSite {
  readonly charging: ChargingSite;
  readonly driver: Member;
  readonly vehicle: Member;
  readonly sessionId: Uint8Array;
  readonly meter: SignedMeter;
  readonly resultIndex: number;

  constructor({ crypto }: { crypto: Crypto }) {
    const charging = new ChargingSite({ crypto });
    this.charging = charging;
    this.driver = charging.site.person("driver", 50_000_000);
    this.vehicle = at(charging.site.consortium.vehicles, 0);
    this.sessionId = charging.id(this.driver);
    assert(charging.authorise(this.driver) === "OK", "the driver has money");
    const begin_ms = charging.now_ms;
    const started = charging.read("start", this.sessionId, { meter_Wh: 1000, at_ms: begin_ms });
    assert(started === "OK", `the session starts: ${started}`);
    const end_ms = begin_ms + 30 * minute_ms;
    this.meter = this.signed({ begin_ms, end_ms });
    const order = { sessionId: this.sessionId, meter_Wh: 11_000, time_ms: end_ms };
    const receiptHash = meterHash(this.meter, crypto);
    const settlement = encodeSettlement({ ...order, receiptHash });
    const settled = charging.session(charging.northPoint, "settle", settlement, end_ms + 1000);
    assert(settled === "OK", `the session settles: ${settled}`);
    this.resultIndex = charging.site.chain.head.header.resultsSize - 1;
  }

  /** What the charge point's meter signs of the session, or something else where told. */
  signed(o: { begin_ms: number; end_ms: number; for?: string; end_Wh?: number }): SignedMeter {
    const secretKey = new Uint8Array(32).fill(9);
    const payload = ocmfPayload({
      ...{ gateway: "north-1", meterSerial: "M-7", transaction: 3, chargePoint: "north-1" },
      identification: o.for ?? toHex(this.sessionId),
      readings: [
        { time_ms: o.begin_ms, reason: "B", register_Wh: 1000 },
        { time_ms: o.end_ms, reason: "E", register_Wh: o.end_Wh ?? 11_000 },
      ],
    });
    const records = [signOcmf({ payload, algorithm, secretKey })];
    return { key: ocmfKeyOf({ algorithm, secretKey }), records };
  }

  /** The vehicle's word, or somebody else's, on what a battery took. */
  count(energy_Wh: number, by: Member = this.vehicle): VehicleCount {
    const { chainId } = this.charging.site.consortium.genesis;
    const count = { energy_Wh, from_ms: 1000, to_ms: 2000 };
    const terms = { ...count, tradeId: this.sessionId, side: "received" as const };
    const { signer } = by;
    const { signature } = signEnergyStatement(terms, { chainId, vehicle: signer });
    return { key: signer.publicKey, ...count, signature };
  }

  /** From now on the chain says that the vehicle is the driver's. */
  linkVehicle(): void {
    const { site } = this.charging;
    const { chainId } = site.consortium.genesis;
    const account = this.driver.signer.publicKey;
    const vehicle = this.vehicle.signer;
    const link = signVehicleLink({ chainId, account, usePerKm_Wh: 150, vehicle });
    const payload = encodeVehicleLink(link);
    const action = v2vAction.linkVehicle;
    const { code } = site.send({ sender: this.driver, module: "v2v", action, payload });
    assert(code === "OK", `the vehicle is linked: ${code}`);
  }

  /** By the newest block. */
  receipt(vehicle?: VehicleCount): Receipt {
    const names = [
      sessionName(this.sessionId),
      ...(vehicle === undefined ? [] : [v2vVehicleName(vehicle.key)]),
    ];
    const evidence = this.charging.site.chain.evidence({ results: [this.resultIndex], names });
    assert(evidence !== undefined, "the chain has blocks");
    return { sessionId: this.sessionId, meter: this.meter, vehicle, evidence };
  }
}
