import { toHex } from "@voltfog/runtime";

/** The state's record of a vehicle or unit, by its key's id. */
export function deviceName(keyId: Uint8Array): string {
  return `device/${toHex(keyId)}`;
}

/** The state's record of a log: its last final size and root. */
export function logName(logId: Uint8Array): string {
  return `log/${toHex(logId)}`;
}

/** The state's record of which of its logs a unit writes, by its key's id; absent for the first. */
export function currentLogName(keyId: Uint8Array): string {
  return `unit-log/${toHex(keyId)}`;
}

export function eventName(eventId: Uint8Array): string {
  return `event/${toHex(eventId)}`;
}

/** The state's record of a succession of vote keys, by its number from 1. */
export function successionName(number: number): string {
  return `succession/${number.toString(16).padStart(4, "0")}`;
}

/** The state's record of a sender's last nonce. */
export function nonceName(key: Uint8Array): string {
  return `nonce/${toHex(key)}`;
}

/** The state's record of an organisation that the chain admitted or removed. */
export function organisationName(id: string): string {
  return `organisation/${id}`;
}

/** The state's record of a validator that the chain admitted, removed or heard of. */
export function validatorName(id: string): string {
  return `validator/${id}`;
}

/** The state's record of a change that is or was voted on. */
export function changeName(id: Uint8Array): string {
  return `change/${toHex(id)}`;
}

/** The state's list of the changes that a validator opened and that may still be decided. */
export function changesName(id: string): string {
  return `changes/${id}`;
}

/** The state's record of the share of votes that a kind of change needs. */
export function ruleName(rule: string): string {
  return `rule/${rule}`;
}

/** The state's record of the set change that an epoch began with, by the epoch. */
export function electorateName(epoch: number): string {
  return `electorate/${epoch.toString(16).padStart(4, "0")}`;
}

export function moduleVersionName(module: number): string {
  return `module-version/${module}`;
}

export function quarantineName(id: string): string {
  return `quarantine/${id}`;
}

/** The state's record of whose a validator's key or anchor address is, for all that the chain admitted. */
export function keyName(key: Uint8Array): string {
  return `key/${toHex(key)}`;
}

/** The state's record of the last change of anything about the consortium. */
export const membershipName = "consortium";

/** The state's record of who gets the turns to propose. */
export const proposerPolicyName = "proposer-policy";

/** The state's list of the organisations that the chain admitted. */
export const organisationsName = "organisations";

/** The state's record of how the validators serve the chain. */
export const qualityName = "quality";

/** The state's record of what an account holds, by its key or address. */
export function accountName(account: Uint8Array): string {
  return `account/${toHex(account)}`;
}

/** Whom a validator wants to be the authority over accounts, by its vote key. */
export function accountNominationName(voteKey: Uint8Array): string {
  return `account-nomination/${toHex(voteKey)}`;
}

/** The key that credits and debits, and the sum of all balances. */
export const accountAuthorityName = "account-authority/00";
export const accountSupplyName = "account-supply/00";

/** The state's record of a charging session. */
export function sessionName(sessionId: Uint8Array): string {
  return `session/${toHex(sessionId)}`;
}

/** What a driver owes for sessions that its balance did not cover. */
export function sessionDebtName(driver: Uint8Array): string {
  return `session-debt/${toHex(driver)}`;
}

/** The beans that an account holds, of all issuers. */
export function beansName(account: Uint8Array): string {
  return `beans/${toHex(account)}`;
}

/** What an operator has issued in beans. */
export function beanIssuerName(organisation: string): string {
  return `bean-issuer/${organisation}`;
}

export function beanEnvelopeName(id: Uint8Array): string {
  return `bean-envelope/${toHex(id)}`;
}

/** What an account drew from an envelope. */
export function beanClaimName(claim: { id: Uint8Array; account: Uint8Array }): string {
  return `bean-claim/${toHex(claim.id)}/${toHex(claim.account)}`;
}
