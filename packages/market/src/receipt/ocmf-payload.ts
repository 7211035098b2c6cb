/** What a simulated meter puts into one transaction's record. */
export interface OcmfTransaction {
  readonly gateway: string;
  readonly meterSerial: string;
  /** Counted by the meter; the first is 1. */
  readonly transaction: number;
  /** Identification data: the session's id. */
  readonly identification: string;
  readonly chargePoint: string;
  readonly readings: readonly {
    readonly time_ms: number;
    readonly reason: "B" | "C" | "E";
    readonly register_Wh: number;
  }[];
}

/** Total active import, tariff independent, of the meter itself (IEC 62056-6-1). */
const importRegister = "1-0:1.8.0";

/** The payload of format version 1.0, watt-hours as whole numbers, times in UTC by a synchronised clock. */
export function ocmfPayload(content: OcmfTransaction): string {
  return JSON.stringify({
    FV: "1.0",
    GI: content.gateway,
    GS: content.meterSerial,
    PG: `T${content.transaction}`,
    MS: content.meterSerial,
    IS: true,
    IL: "TRUSTED",
    IF: ["OCPP_RS_TLS"],
    IT: "CENTRAL",
    ID: content.identification,
    CT: "CBIDC",
    CI: content.chargePoint,
    RD: content.readings.map(({ time_ms, reason, register_Wh }) => ({
      TM: `${new Date(time_ms).toISOString().replace(".", ",").replace("Z", "+0000")} S`,
      TX: reason,
      RV: register_Wh,
      RI: importRegister,
      RU: "Wh",
      RT: "AC",
      EF: "",
      ST: "G",
    })),
  });
}
