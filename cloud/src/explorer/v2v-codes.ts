import type { CodeWords } from "./code-words.ts";

/** Codes of module v2v; docs/specs/v2v.md says when. */
export const v2vCodes: Readonly<Record<string, CodeWords>> = {
  VEHICLE_NOT_LINKED: {
    meaning: "The order names a vehicle that its account has not linked.",
    remedy: "Link the vehicle first.",
  },
  VEHICLE_NOT_VALID: {
    meaning: "The key is no vehicle's that is enrolled now.",
    remedy: "Enrol the vehicle, or name the key it has now.",
  },
  VEHICLE_BUSY: {
    meaning: "The vehicle has an open order or trade.",
    remedy: "Cancel the order, or end the trade.",
  },
  VEHICLE_TAKEN: {
    meaning: "The vehicle trades for another account.",
    remedy: "Use that account, or give the vehicle a new key.",
  },
  TOO_MANY_VEHICLES: {
    meaning: "The account has as many vehicles as it may have.",
    remedy: "Use one of its vehicles.",
  },
  USE_OUT_OF_RANGE: {
    meaning: "No vehicle uses so much or so little.",
    remedy: "Say 1 to 5000 Wh per kilometre.",
  },
  ID_INVALID: { meaning: "An id of zeros names nothing.", remedy: "Choose another." },
  NO_MEETING_POINTS: {
    meaning: "There are no meeting points yet.",
    remedy: "Wait until the authority has named some.",
  },
  POSITION_KIND_WRONG: {
    meaning: "Positions here are of the other kind: on the earth, or on a plane.",
    remedy: "Give a position of the kind that the meeting points have.",
  },
  BOOK_FULL: {
    meaning: "The book has as many open orders as it may have.",
    remedy: "Try again later.",
  },
  BOOK_NOT_EMPTY: {
    meaning: "Orders are open, and need meeting points.",
    remedy: "Remove the orders first.",
  },
  ENERGY_OUT_OF_RANGE: {
    meaning: "The energy is nothing, or more than any vehicle holds.",
    remedy: "Give 1 to 1,000,000 Wh.",
  },
  PRICE_OUT_OF_RANGE: {
    meaning: "The price is nothing where one is needed, or absurd.",
    remedy: "Give at most 100 of the currency per kWh.",
  },
  FUNDS_OUT_OF_RANGE: {
    meaning: "The order has no money to pay with.",
    remedy: "Say how much it may cost.",
  },
  ORDER_UNKNOWN: { meaning: "There is no such order.", remedy: "Check the id." },
  ORDER_CLOSED: {
    meaning: "The order was matched, cancelled or removed.",
    remedy: "Nothing to do; place another.",
  },
  NAME_OUT_OF_RANGE: {
    meaning: "A meeting point has no name, or one that is too long.",
    remedy: "Give names of 1 to 64 characters.",
  },
  RULES_OUT_OF_RANGE: {
    meaning: "Fee, loss, tolerance or life of a trade are outside their ranges.",
    remedy: "See the ranges in docs/specs/v2v.md.",
  },
  TRADE_UNKNOWN: { meaning: "There is no such trade.", remedy: "Check the id." },
  TRADE_CLOSED: {
    meaning: "The trade is paid, resolved, expired or in dispute.",
    remedy: "Nothing to do; a dispute waits for the authority.",
  },
  TRADE_EXPIRED: {
    meaning: "The statement comes after the end of the trade's life.",
    remedy: "Let it expire; a trade with one statement then goes to the authority.",
  },
  TRADE_NOT_EXPIRED: {
    meaning: "The trade's life has not ended.",
    remedy: "Wait until then, or send the vehicles' statements.",
  },
  TRADE_NOT_DISPUTED: {
    meaning: "Only a trade in dispute is resolved.",
    remedy: "Nothing to do.",
  },
  STATEMENT_KNOWN: {
    meaning: "That side's vehicle has made its statement.",
    remedy: "Nothing to do; a statement is not changed.",
  },
  STATEMENT_TIME_WRONG: {
    meaning: "The statement's times are before the match, in the future, or the wrong way round.",
    remedy: "Check the vehicle's clock.",
  },
  STATEMENT_SIGNATURE_INVALID: {
    meaning: "The statement is not signed by that side's vehicle.",
    remedy: "Sign it with the key of the vehicle that the order named.",
  },
};
