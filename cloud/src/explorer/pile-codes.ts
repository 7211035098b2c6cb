import type { CodeWords } from "./code-words.ts";

/** Codes of module piles. */
export const pileCodes: Readonly<Record<string, CodeWords>> = {
  CURVE_ABSURD: {
    meaning: "The curve or its catalogue is outside the limits of the specification.",
    remedy: "Check reserve, supply, weight (a multiple of 5 %) and prices.",
  },
  ZONES_FULL: {
    meaning: "There are 1,024 zones, the most there can be.",
    remedy: "Set the curve of a zone that there is.",
  },
  ZONE_UNKNOWN: {
    meaning: "The zone has no price curve.",
    remedy: "Check the zone, or wait until the authority has set its curve.",
  },
  ZONE_FULL: {
    meaning: "Sixty-four piles are offered in this zone, the most there can be.",
    remedy: "Ask the authority for another zone.",
  },
  LOAD_ABSURD: {
    meaning: "The load is more than four times what the grid can carry.",
    remedy: "Report it in millionths of what the grid can carry.",
  },
  POWER_ABSURD: {
    meaning: "The pile's power is nothing or more than a megawatt.",
    remedy: "Name the power in watts.",
  },
  PRICE_ABSURD: {
    meaning: "The price is nothing or above a thousand per kilowatt-hour.",
    remedy: "Name it in millionths of the currency per kilowatt-hour.",
  },
  ENERGY_ABSURD: {
    meaning: "The energy is nothing, above a megawatt-hour, or more than the contract allows.",
    remedy: "Name it in watt-hours; a meter may count a tenth more than was agreed.",
  },
  WINDOW_INVALID: {
    meaning: "The time window is empty, out of order, not within one UTC day, or too far ahead.",
    remedy: "Name a window of one UTC day within the next 31 days; the order ends before it does.",
  },
  ORDER_EXPIRED: {
    meaning: "The order's time, or its window, is over.",
    remedy: "Place a new one.",
  },
  ORDER_UNKNOWN: { meaning: "There is no order of this id.", remedy: "Check the id." },
  ORDER_CLOSED: {
    meaning: "The order was filled, cancelled, or its time was over.",
    remedy: "Nothing: it holds no money any more.",
  },
  BOOK_FULL: {
    meaning: "128 orders wait on this side for this zone and day, the most there can be.",
    remedy: "Buy at the market, or try again once some were filled.",
  },
  SUPPLY_TOO_LOW: {
    meaning: "The piles of the zone cannot give all of the energy in this window.",
    remedy: "Ask for less or a longer window, or place a limit order.",
  },
  COST_ABOVE_MAX: {
    meaning: "The energy costs more now than the order allows.",
    remedy: "Allow more, or place a limit order and wait.",
  },
  PILE_TAKEN: {
    meaning: "The pile belongs to another owner.",
    remedy: "Check the pile's key.",
  },
  PILE_UNKNOWN: {
    meaning: "No such pile is offered in this zone.",
    remedy: "Offer it first.",
  },
  CONTRACT_UNKNOWN: { meaning: "There is no contract of this id.", remedy: "Check the id." },
  CONTRACT_EXPIRED: {
    meaning: "The time for this step of the contract is over.",
    remedy: "Send its timeout: the rule for silence decides.",
  },
  CONTRACT_CLOSED: {
    meaning: "The contract was paid or came to nothing.",
    remedy: "Nothing: it cannot change any more.",
  },
  TERMS_DIFFER: {
    meaning: "What was signed is not what the contract says.",
    remedy: "Read the contract from the chain and sign the hash of its terms.",
  },
  ALREADY_SIGNED: {
    meaning: "This party has signed the contract before.",
    remedy: "Nothing: its signature counts.",
  },
  NOT_SIGNED: {
    meaning: "The contract waits for the signature of a party.",
    remedy: "Both sign first.",
  },
  NOT_METERED: {
    meaning: "A meter's reading is missing.",
    remedy: "Both meters report first.",
  },
  ALREADY_METERED: {
    meaning: "This meter has reported before.",
    remedy: "Dispute the contract where the reading is wrong.",
  },
  TOO_EARLY: {
    meaning: "It is not yet time for this.",
    remedy: "Wait for the window to begin, or for the deadline to pass.",
  },
  DISPUTED: {
    meaning: "The meters or the parties do not agree.",
    remedy: "The authority resolves it.",
  },
  NOT_DISPUTED: {
    meaning: "The contract is not in dispute.",
    remedy: "Nothing: its parties and its deadlines decide.",
  },
  ALREADY_CONFIRMED: {
    meaning: "This side has confirmed before.",
    remedy: "Nothing: it counts once.",
  },
  GROUP_CONFIRMS: {
    meaning: "A group confirms for this account.",
    remedy: "A member confirms with a ring signature.",
  },
  GROUP_UNKNOWN: {
    meaning: "No group confirms for this side.",
    remedy: "The account confirms itself, or names a group first.",
  },
  GROUP_INVALID: {
    meaning: "The group is not two to eight different keys in rising order, or never agrees.",
    remedy: "Sort the compressed secp256k1 keys, and let one to all of them be needed.",
  },
  RING_INVALID: {
    meaning: "The ring signature is not by a member of the group, or not about this contract.",
    remedy: "Sign the contract's terms and readings, in the order of the group's keys.",
  },
  KEY_USED: {
    meaning: "The key that signed has confirmed this contract before.",
    remedy: "Another member confirms.",
  },
  NOT_SETTLED: {
    meaning: "The contract is not paid yet.",
    remedy: "Export it once it is settled.",
  },
  ALREADY_COMPLETE: {
    meaning: "The export of this contract was acknowledged before.",
    remedy: "Nothing: it counts once.",
  },
};
