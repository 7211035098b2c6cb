import type { CodeWords } from "./code-words.ts";

/** Codes of the modules accounts and union. */
export const moneyCodes: Readonly<Record<string, CodeWords>> = {
  BALANCE_TOO_LOW: {
    meaning: "The account holds less than the amount.",
    remedy: "Send less, or wait until it was paid.",
  },
  SAME_ACCOUNT: {
    meaning: "The account that the order names is the one that sends it.",
    remedy: "Name another account.",
  },
  SUPPLY_FULL: {
    meaning: "All balances together would be more than whole numbers can say exactly.",
    remedy: "Credit less.",
  },
  HANDLE_TAKEN: {
    meaning: "Another account has or had this handle.",
    remedy: "Choose another handle.",
  },
  ACCOUNT_UNKNOWN: {
    meaning: "No account was opened for this key.",
    remedy: "Open it first, or check the key.",
  },
  DEPOSIT_KNOWN: {
    meaning: "A payment with this id was credited before.",
    remedy: "Nothing: it counts once.",
  },
  SUSPENDED: {
    meaning: "The authority suspended the sender's account.",
    remedy: "Withdraw what is yours, or ask the authority to restore the account.",
  },
  ALREADY_SUSPENDED: {
    meaning: "The account is suspended already.",
    remedy: "Nothing: the first suspension stands.",
  },
  NOT_SUSPENDED: {
    meaning: "The account is not suspended.",
    remedy: "Nothing: it can be used.",
  },
  // union
  TERMS_UNKNOWN: {
    meaning: "The authority has set no terms for the union yet.",
    remedy: "Have it set them first.",
  },
  ALREADY_JOINED: {
    meaning: "The organisation is a member of the union.",
    remedy: "Nothing: it joins once, and again only after it left.",
  },
  DEPOSIT_TOO_LOW: {
    meaning: "The deposit is below the least that the union's terms ask for.",
    remedy: "Join with a larger one.",
  },
  OPERATOR_UNKNOWN: {
    meaning: "The organisation is no member of the union now.",
    remedy: "Check its id, or have it join first.",
  },
  CHARGE_POINT_UNKNOWN: {
    meaning: "No charge point is registered under this key now.",
    remedy: "Check the key, or register it first.",
  },
  TARIFF_DIFFERS: {
    meaning: "The operator proposes another tariff than the one that was agreed to.",
    remedy: "Read its proposal again and agree to that one's hash.",
  },
};
