import { drawShare_Wh } from "@voltfog/market";
import { utf8 } from "@voltfog/runtime";
import { beanClaimName, beanEnvelopeName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { isOpened } from "./account-holders.ts";
import { issueBeans, moveBeans, withIssuer } from "./bean-accounts.ts";
import type { BeanEnvelope, BeanMovement } from "./bean-payloads.ts";
import {
  beanClaimOf,
  beanIssuerOf,
  type EnvelopeRecord,
  type EnvelopeResult,
  encodeBeanClaim,
  encodeEnvelope,
  envelopeOf,
} from "./bean-records.ts";
import type { TransactionContext } from "./module.ts";
import { operatorByKey } from "./union-records.ts";

/** Of one envelope. A million blocks are eleven days at one a second. */
const envelopeLimits = {
  sharesMax: 10_000,
  energyMax_Wh: 1_000_000_000,
  lifeMax: 1_000_000,
} as const;
const drawDomain = utf8("voltfog/bean-draw/1\n");

type Enveloped = EnvelopeResult & { readonly state: StateTree };

/** The beans are outstanding from here on, so that every share that is drawn is covered. */
export function makeEnvelope(
  state: StateTree,
  { sender, height }: TransactionContext,
  order: BeanEnvelope,
): Enveloped | string {
  const { id, energy_Wh, shares, untilHeight } = order;
  const organisation = operatorByKey(state, sender.key)?.organisation;
  if (organisation === undefined) return "NOT_AUTHORISED";
  if (envelopeOf(state, id) !== undefined) return "ID_TAKEN";
  const { sharesMax, energyMax_Wh, lifeMax } = envelopeLimits;
  if (shares === 0 || shares > sharesMax) return "SHARES_INVALID";
  if (energy_Wh < shares || energy_Wh > energyMax_Wh) return "ENERGY_INVALID";
  if (untilHeight <= height || untilHeight > height + lifeMax) return "EXPIRY_INVALID";
  const issued = issueBeans(state, { organisation, energy_Wh });
  if (typeof issued === "string") return issued;
  const left = { left_Wh: energy_Wh, sharesLeft: shares };
  return written(issued, id, { organisation, energy_Wh, shares, untilHeight, ...left });
}

/**
 * One share for each account, drawn from H(domain ‖ hash of the last block ‖ envelope ‖ account): nobody
 * knew that hash when the envelope was made, and every machine draws the same.
 */
export function claim(
  state: StateTree,
  { sender, height, crypto, parentHash }: TransactionContext,
  id: Uint8Array,
): (BeanMovement & { readonly state: StateTree }) | string {
  const account = sender.key;
  const envelope = envelopeOf(state, id);
  if (envelope === undefined) return "ENVELOPE_UNKNOWN";
  if (!isOpened(state, account)) return "ACCOUNT_UNKNOWN";
  if (beanClaimOf(state, { id, account }) !== undefined) return "ALREADY_CLAIMED";
  if (height > envelope.untilHeight) return "ENVELOPE_ENDED";
  const { organisation, left_Wh, sharesLeft } = envelope;
  if (sharesLeft === 0) return "ENVELOPE_EMPTY";
  const seed = crypto.sha256(drawDomain, parentHash, id, account);
  const energy_Wh = drawShare_Wh({ left_Wh, sharesLeft }, seed);
  const rest = { left_Wh: left_Wh - energy_Wh, sharesLeft: sharesLeft - 1 };
  const drawn = written(state, id, { ...envelope, ...rest }).state;
  const noted = drawn.with(beanClaimName({ id, account }), encodeBeanClaim(energy_Wh));
  const given = moveBeans(noted, { account, organisation, by_Wh: energy_Wh });
  return { state: given, organisation, account, energy_Wh, amount: 0, envelopeId: id };
}

/** After its last block anyone may close it: what nobody claimed is no longer outstanding. */
export function close(
  state: StateTree,
  { height }: TransactionContext,
  id: Uint8Array,
): Enveloped | string {
  const envelope = envelopeOf(state, id);
  if (envelope === undefined) return "ENVELOPE_UNKNOWN";
  const { organisation, left_Wh } = envelope;
  if (left_Wh === 0) return "ENVELOPE_EMPTY";
  if (height <= envelope.untilHeight) return "ENVELOPE_OPEN";
  const issuer = beanIssuerOf(state, organisation);
  const outstanding_Wh = issuer.outstanding_Wh - left_Wh;
  const returned = withIssuer(state, organisation, { ...issuer, outstanding_Wh });
  return written(returned, id, { ...envelope, left_Wh: 0, sharesLeft: 0 });
}

function written(state: StateTree, id: Uint8Array, envelope: EnvelopeRecord): Enveloped {
  return { state: state.with(beanEnvelopeName(id), encodeEnvelope(envelope)), id, envelope };
}
