import type { CodeWords } from "./code-words.ts";

/** Codes of the modules sessions and beans; docs/specs/payments.md says when. */
export const sessionCodes: Readonly<Record<string, CodeWords>> = {
  PLUG_DIFFERS: {
    meaning: "The charge point has another kind of plug.",
    remedy: "Authorise it with the plug that it has.",
  },
  OTHER_ISSUER: {
    meaning: "The beans that should pay are of another operator than the charge point.",
    remedy: "Beans pay at their issuer's charge points only: name this one, or none.",
  },
  LIMIT_INVALID: {
    meaning: "The energy limit is nothing, or more than any vehicle takes.",
    remedy: "Ask for 1 to 1,000,000 Wh.",
  },
  EXPIRY_INVALID: {
    meaning: "The time limit has passed, or is too far away.",
    remedy: "Name a later or a nearer one.",
  },
  TARIFF_UNKNOWN: {
    meaning: "The union has no tariff yet.",
    remedy: "Wait until the authority has set one.",
  },
  LIMIT_TOO_LOW: {
    meaning: "The money limit does not cover the fee and one watt-hour.",
    remedy: "Set a higher limit.",
  },
  SHORTFALL_OPEN: {
    meaning: "The driver still owes money for a session that was settled by its voucher.",
    remedy: "Pay the shortfall first.",
  },
  SESSION_UNKNOWN: {
    meaning: "There is no session of this id.",
    remedy: "Check the id: it follows from driver, charge point and salt.",
  },
  OTHER_CHARGE_POINT: {
    meaning: "The session is of another charge point than the sender.",
    remedy: "Only its own charge point can start, read and settle it.",
  },
  NOT_YOURS: {
    meaning: "The session is of another driver.",
    remedy: "Only its driver can ask for this.",
  },
  SESSION_CLOSED: {
    meaning: "The session was cancelled, or its time ran out.",
    remedy: "Authorise a new one; energy that was delivered is settled by the driver's voucher.",
  },
  ALREADY_SETTLED: {
    meaning: "The session was settled before.",
    remedy: "Nothing: it counts once.",
  },
  SESSION_STARTED: {
    meaning: "The session has begun, so it can only be read and settled.",
    remedy: "Settle it at its charge point.",
  },
  NOT_STARTED: {
    meaning: "The session has no first reading yet.",
    remedy: "Start it first.",
  },
  SESSION_EXPIRED: {
    meaning: "The reading is from after the session's time limit.",
    remedy: "Settle with the last reading before it.",
  },
  TIME_INVALID: {
    meaning: "The reading's time is not after the one before, or not of this session's time.",
    remedy: "Check the charge point's clock.",
  },
  METER_BACKWARDS: {
    meaning: "The meter shows less than before.",
    remedy: "Have the meter checked; the session can be settled at its last reading.",
  },
  METER_ABSURD: {
    meaning: "The meter counted more than the charge point can give in that time.",
    remedy: "Have the meter checked, or the charge point's registered power.",
  },
  LIMIT_EXCEEDED: {
    meaning: "The energy is beyond what the driver agreed to.",
    remedy: "Settle with a reading within the limits: what is beyond is not paid.",
  },
  NOT_EXPIRED: {
    meaning: "The session's charge point may still settle it.",
    remedy: "Wait until a day after the session's time limit.",
  },
  VOUCHER_INVALID: {
    meaning: "The voucher is not signed by its driver for this chain.",
    remedy: "Ask the driver for another voucher.",
  },
  VOUCHER_EXPIRED: {
    meaning: "The voucher came more than thirty days after its time limit.",
    remedy: "It is no longer paid.",
  },
  NOT_SETTLED: {
    meaning: "The session is not settled, so there is nothing to dispute.",
    remedy: "Wait for the settlement, or cancel the session.",
  },
  ALREADY_DISPUTED: {
    meaning: "The session was disputed before.",
    remedy: "Nothing: the authority decides once.",
  },
  DISPUTE_TOO_LATE: {
    meaning: "The session was settled more than seven days ago.",
    remedy: "Ask the operator or the authority directly.",
  },
  COUNTS_AGREE: {
    meaning: "The charge point's count and the vehicle's are within the tolerance.",
    remedy: "Nothing: losses on the way explain the difference.",
  },
  NOT_DISPUTED: {
    meaning: "The session is not in dispute.",
    remedy: "Nothing: there is nothing to decide.",
  },
  REFUND_TOO_LARGE: {
    meaning: "The refund is more than the session cost.",
    remedy: "Refund at most what was paid and owed.",
  },
  NOTHING_OWED: {
    meaning: "Nothing of this session is left to pay.",
    remedy: "Nothing: it is paid.",
  },
  ENERGY_INVALID: {
    meaning: "The energy is nothing, too little for the shares, or too much for one order.",
    remedy: "Ask for a sensible amount.",
  },
  BEANS_BEYOND_REWARDS: {
    meaning: "The operator's beans would cost more than the rewards that it has earned.",
    remedy: "Issue fewer, or wait until blocks have earned more.",
  },
  NOT_OFFERED: {
    meaning: "The operator sells no beans now.",
    remedy: "Wait for its offer.",
  },
  PRICE_INVALID: {
    meaning: "The price is above what any bean may cost.",
    remedy: "Ask for a sensible price.",
  },
  PRICE_CHANGED: {
    meaning: "The beans cost more now than the buyer would pay.",
    remedy: "Look at the offer again and buy at its price.",
  },
  BEANS_TOO_LOW: {
    meaning: "The account holds fewer beans of this operator.",
    remedy: "Give fewer.",
  },
  SHARES_INVALID: {
    meaning: "An envelope has 1 to 10,000 shares.",
    remedy: "Name another number of shares.",
  },
  ENVELOPE_UNKNOWN: {
    meaning: "There is no envelope of this id.",
    remedy: "Check the id.",
  },
  ENVELOPE_ENDED: {
    meaning: "The envelope's last block has passed.",
    remedy: "Nothing: what was left is its operator's again.",
  },
  ENVELOPE_EMPTY: {
    meaning: "Every share of the envelope was drawn, or it was closed.",
    remedy: "Nothing: others came first.",
  },
  ENVELOPE_OPEN: {
    meaning: "Shares of the envelope can still be drawn.",
    remedy: "Close it after its last block.",
  },
  ALREADY_CLAIMED: {
    meaning: "The account has drawn its share of this envelope.",
    remedy: "Nothing: each account draws once.",
  },
};
