/** A charging session that the chain settled, as clearing, records and exports need it. */
export interface SettledSession {
  /** Hex of 16 bytes. */
  readonly sessionId: string;
  /** Index of the settling result in the chain's log of results: no two have one. */
  readonly resultIndex: number;
  readonly height: number;
  /** Hash of the settling transaction, hex. */
  readonly transaction: string;
  /** Of the block that settled it: the day it counts for, in UTC. */
  readonly settled_ms: number;
  /** Whose charge point it was. */
  readonly operator: string;
  /** Who vouched for the driver's account; empty where it was the union's own desk. */
  readonly home: string;
  /** The driver's key, hex: a pseudonym. */
  readonly driver: string;
  /** The charge point's key, hex, and the id that people know it by. */
  readonly chargePointKey: string;
  readonly pileId: string;
  readonly plugType: number;
  readonly power_W: number;
  readonly latitude_deg: number;
  readonly longitude_deg: number;
  readonly started_ms: number;
  readonly ended_ms: number;
  /** The charge point's register at both ends. */
  readonly meterBegin_Wh: number;
  readonly meterEnd_Wh: number;
  /** Millionths of the currency, per kilowatt-hour and once. */
  readonly pricePerKWh: number;
  readonly sessionFee: number;
  /** Paid with the operator's beans. */
  readonly beans_Wh: number;
  /** Paid with money, the fee included [millionths]. */
  readonly cost: number;
  /** Hash of the signed meter values, hex. */
  readonly meterHash: string;
}
