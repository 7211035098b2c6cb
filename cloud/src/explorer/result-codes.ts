import type { CodeWords } from "./code-words.ts";
import { moneyCodes } from "./money-codes.ts";
import { pileCodes } from "./pile-codes.ts";
import { sessionCodes } from "./session-codes.ts";
import { v2vCodes } from "./v2v-codes.ts";

const nothing = null;

/** Every code that a module gives; docs/specs/chain.md and the modules say when. */
const words: Readonly<Record<string, CodeWords>> = {
  ...moneyCodes,
  ...pileCodes,
  ...sessionCodes,
  ...v2vCodes,
  OK: { meaning: "It did what its sender asked for.", remedy: nothing },
  NOT_AUTHORISED: {
    meaning: "The sender may not do this: it is neither the device's organisation nor a validator.",
    remedy:
      "Send it from a unit of that organisation, or from a validator that is not quarantined.",
  },
  // checkpoints
  LOG_NOT_YOURS: {
    meaning: "The checkpoint is of a log that is not the sender's, or that was never opened.",
    remedy: "Check the unit's id and key. A log after the first must be opened before it grows.",
  },
  LOG_SUPERSEDED: {
    meaning: "Another log of this unit took this one's place.",
    remedy: "The unit goes on with its current log; the old one stays as it is.",
  },
  NOTE_INVALID: {
    meaning: "The checkpoint note is malformed, or the sender's key did not sign it.",
    remedy: "Check that the unit's log.conf and key belong together.",
  },
  NOT_GROWN: {
    meaning: "A checkpoint of this size or a larger one is final already.",
    remedy:
      "Nothing is lost: two submissions crossed. Many of them in a row say that a unit runs twice.",
  },
  INCONSISTENT: {
    meaning: "The new tree does not begin with what was final: the log was rewritten.",
    remedy:
      "Stop the unit and audit its log against the chain; go on with a new log that names the old one's last final size.",
  },
  PREDECESSOR_DIFFERS: {
    meaning: "The new log names another end of the old one than the chain knows.",
    remedy: "Open it again with the size and root that are final here.",
  },
  // events
  DUPLICATE: {
    meaning: "The event is on the chain already.",
    remedy: "Nothing: the first record stands.",
  },
  // devices
  ORGANISATION_UNKNOWN: {
    meaning: "No such organisation belongs to the consortium.",
    remedy: "Check the organisation's id, or have it admitted first.",
  },
  ALREADY_ENROLLED: {
    meaning: "The key has a role on this chain, now or earlier; a key keeps its role for ever.",
    remedy: "Make a new key for the device.",
  },
  DEVICE_UNKNOWN: {
    meaning: "No device with this key is enrolled, or the key is not its current one.",
    remedy: "Enrol it, or use the key that the chain knows.",
  },
  ENROLMENT_DIFFERS: {
    meaning: "The device is enrolled on other terms than those named.",
    remedy: "Repeat it with the terms that the chain holds.",
  },
  ALREADY_REVOKED: { meaning: "The key was revoked before.", remedy: "Enrol a new key." },
  ALREADY_ROTATED: {
    meaning: "Another key took this one's place before.",
    remedy: "Change from the newest key.",
  },
  NOT_A_VEHICLE: {
    meaning: "Only vehicles change their key: a unit's key names its logs.",
    remedy: "Enrol the unit anew with another key.",
  },
  NOT_VALID_NOW: {
    meaning: "The enrolment does not hold at the block's time.",
    remedy: "Check the device's validity, and the clocks.",
  },
  SIGNATURE_INVALID: {
    meaning: "One of the two keys did not sign the change for this chain.",
    remedy: "Sign it with the old and the new key, for this chain's id.",
  },
  // validators and consortium
  VALIDATOR_UNKNOWN: {
    meaning: "No validator with this key or id belongs to the consortium.",
    remedy: "Check it against the validators' page.",
  },
  SUCCESSIONS_FULL: {
    meaning: "The chain has taken as many changes of vote keys as a proof can carry.",
    remedy: "Begin a new chain that names this one's end.",
  },
  KEY_TAKEN: {
    meaning: "The key has a role on this chain, now or earlier.",
    remedy: "Make a new key; keys are never used again.",
  },
  ID_TAKEN: {
    meaning: "The id belongs, or once belonged, to another.",
    remedy: "Choose another id; ids are never used again.",
  },
  CHANGE_UNKNOWN: {
    meaning: "No change with this id was proposed.",
    remedy: "Copy the id from the page of changes.",
  },
  CHANGE_DECIDED: {
    meaning: "The change was decided before this vote.",
    remedy: "Nothing: it holds without it.",
  },
  CHANGES_FULL: {
    meaning: "The validator has as many changes waiting for votes as it may.",
    remedy: "Wait until one of them is decided or has expired.",
  },
  ORGANISATION_IN_USE: {
    meaning: "The organisation still has validators, units or vehicles.",
    remedy: "Remove or revoke them first.",
  },
  HEIGHT_PASSED: {
    meaning: "The height from which the rules were to change is no longer ahead.",
    remedy: "Propose it again with a later height.",
  },
  EPOCHS_FULL: {
    meaning: "The chain has taken as many changes of the validator set as a proof can carry.",
    remedy: "Begin a new chain that names this one's end.",
  },
  NOT_QUARANTINED: {
    meaning: "The validator is not in quarantine.",
    remedy: "Nothing: it has its turns already.",
  },
  CHANGE_EXPIRED: {
    meaning: "The change was open for 10,000 blocks and was not decided.",
    remedy: "Propose it again.",
  },
  CHANGE_PENDING: {
    meaning: "Another change of the validator set is on its way.",
    remedy: "Wait until it is decided or has expired.",
  },
  ALREADY_APPROVED: {
    meaning: "This validator has approved the change before.",
    remedy: "Nothing: its vote counts once.",
  },
  SET_FULL: {
    meaning: "There are 256 validators, the most there can be.",
    remedy: "Remove one first.",
  },
  SET_TOO_SMALL: {
    meaning: "No validator would be left.",
    remedy: "Admit another one first.",
  },
  PROOF_OF_POSSESSION_INVALID: {
    meaning: "The new key did not sign that it wants this role on this chain.",
    remedy: "Make the request where the key is held.",
  },
  RULE_UNKNOWN: { meaning: "There is no rule of this name.", remedy: "Check the rule's name." },
  ENGINE_WITHOUT_TURNS: {
    meaning: "The engine of this chain fixes who proposes: there are no turns to share out.",
    remedy: "Nothing: only a chain that poa decides has turns.",
  },
  EVIDENCE_INVALID: {
    meaning: "The two messages do not show that a validator contradicted itself.",
    remedy: "Nothing: nobody is accused by it.",
  },
  ALREADY_QUARANTINED: {
    meaning: "The validator is in quarantine already.",
    remedy: "Vote on its removal or release.",
  },
};

/** Total: a code of a newer program gets words that say so. */
export function wordsOfCode(code: string): CodeWords {
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  return (
    known ?? {
      meaning: "A refusal that this program does not know.",
      remedy: "Update the cloud; the chain's specification lists every code.",
    }
  );
}
