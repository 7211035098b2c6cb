import { equalBytes } from "@voltfog/runtime";
import { setChangesMax } from "../chain/epoch-step.ts";
import { sharesTurns } from "../genesis/engine-choice.ts";
import { engineOf, organisationsMax, validatorsMax } from "../genesis/genesis.ts";
import {
  deviceName,
  keyName,
  membershipName,
  moduleVersionName,
  organisationName,
  proposerPolicyName,
  quarantineName,
  ruleName,
  validatorName,
} from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { type Admission, type ConsortiumChange, isPossessed } from "./consortium-change.ts";
import {
  admittedOrganisations,
  decodeQuarantine,
  encodeKeyOwner,
  encodeMembership,
  encodeModuleVersion,
  encodeOrganisation,
  encodeQuarantine,
  encodeValidator,
  isMember,
  isQuarantined,
  type KeyOwner,
  moduleVersionOf,
  organisationOf,
  pendingSetChange,
  validatorRecordOf,
  versionAt,
  withAdmittedOrganisation,
} from "./consortium-records.ts";
import { encodePolicy, encodeThreshold, isRule } from "./consortium-rules.ts";
import { keyIdOf } from "./device-record.ts";
import { moduleNumber, type TransactionContext } from "./module.ts";
import { isMoneyPolicy } from "./term-weights.ts";
import { unionOf } from "./union-records.ts";
import { isVoteKey } from "./validators.ts";

export interface ChangeRequest<Change extends ConsortiumChange = ConsortiumChange> {
  readonly change: Change;
  readonly state: StateTree;
  readonly context: TransactionContext;
}

type RequestOf<Kind extends ConsortiumChange["kind"]> = ChangeRequest<
  ConsortiumChange & { readonly kind: Kind }
>;

/** Why a change makes no sense as the chain is now; undefined where it does. Says nothing of who wants it. */
export function changeProblem(request: ChangeRequest): string | undefined {
  const { change } = request;
  switch (change.kind) {
    case "admit-organisation":
      return organisationProblem({ ...request, change });
    case "remove-organisation":
      return expulsionProblem({ ...request, change });
    case "admit-validator":
      return admissionProblem({ ...request, change });
    case "remove-validator":
      return removalProblem({ ...request, change });
    case "rule":
      return isRule(change.rule) ? undefined : "RULE_UNKNOWN";
    case "module-version":
      return versionProblem({ ...request, change });
    case "release":
      return releaseProblem({ ...request, change });
    case "proposer-policy":
      return policyProblem({ ...request, change });
    case "register":
      return registrationProblem({ ...request, change });
  }
}

/** Whether it changes the vote keys, of which one change is on its way at a time. */
export function isSetChange({ kind }: ConsortiumChange): boolean {
  return kind === "admit-validator" || kind === "remove-validator";
}

/** The state once a change without a problem is decided. */
export function decided(request: ChangeRequest): StateTree {
  const { change, context } = request;
  const { height } = context;
  const pending = setChangeOf(change, height) ?? pendingSetChange(request.state);
  const state = changed(request);
  return state.with(membershipName, encodeMembership({ height, pending }));
}

function setChangeOf(change: ConsortiumChange, decidedHeight: number) {
  if (change.kind === "admit-validator") {
    return { kind: "admitted" as const, id: change.id, decidedHeight };
  }
  if (change.kind === "remove-validator") {
    return { kind: "removed" as const, id: change.id, decidedHeight };
  }
  return undefined;
}

function changed(request: ChangeRequest): StateTree {
  const { change, state, context } = request;
  const { height } = context;
  switch (change.kind) {
    case "admit-organisation":
      return withOrganisation({ ...request, change });
    case "remove-organisation":
      return withoutOrganisation({ ...request, change });
    case "admit-validator":
      return withValidator({ ...request, change });
    case "remove-validator":
      return withoutValidator({ ...request, change });
    case "rule":
      return state.with(ruleName(change.rule), encodeThreshold(change));
    case "module-version": {
      const before = versionAt(moduleVersionOf(state, change.module), height);
      const record = { before, version: change.version, height: change.height };
      return state.with(moduleVersionName(change.module), encodeModuleVersion(record));
    }
    case "release":
      return released({ state, id: change.id, height });
    case "proposer-policy":
      return state.with(proposerPolicyName, encodePolicy(change.policy));
    case "register":
      return registered({ ...request, change });
  }
}

function isSeated({ roster }: TransactionContext, id: string): boolean {
  return roster.seats.some((seat) => seat.id === id);
}

function isInUse({ state, context }: ChangeRequest, organisation: string): boolean {
  const pending = pendingSetChange(state);
  const { genesis, roster } = context;
  const coming =
    pending?.kind === "admitted" &&
    validatorRecordOf({ state, genesis, id: pending.id })?.organisation === organisation;
  return coming || roster.seats.some((seat) => seat.organisation === organisation);
}

function organisationProblem(request: RequestOf<"admit-organisation">): string | undefined {
  const { change, state, context } = request;
  const { genesis } = context;
  if (isMember({ state, genesis, id: change.id })) return "ID_TAKEN";
  const count = genesis.organisations.length + admittedOrganisations(state).length;
  const isNew = organisationOf({ state, genesis, id: change.id }) === undefined;
  return isNew && count >= organisationsMax ? "SET_FULL" : undefined;
}

function expulsionProblem(request: RequestOf<"remove-organisation">): string | undefined {
  const { change, state, context } = request;
  const { id } = change;
  if (!isMember({ state, genesis: context.genesis, id })) return "ORGANISATION_UNKNOWN";
  return isInUse(request, id) ? "ORGANISATION_IN_USE" : undefined;
}

function removalProblem({ change, context }: RequestOf<"remove-validator">): string | undefined {
  const { seats, setChanges } = context.roster;
  if (!isSeated(context, change.id)) return "VALIDATOR_UNKNOWN";
  if (seats.length === 1) return "SET_TOO_SMALL";
  return setChanges >= setChangesMax ? "EPOCHS_FULL" : undefined;
}

function releaseProblem(request: RequestOf<"release">): string | undefined {
  const { change, state, context } = request;
  if (!isSeated(context, change.id)) return "VALIDATOR_UNKNOWN";
  return isQuarantined(state, change.id) ? undefined : "NOT_QUARANTINED";
}

/** An id comes back only for the organisation that had it, and only with keys that nobody ever had. */
function admissionProblem(request: RequestOf<"admit-validator">): string | undefined {
  const { change, state, context } = request;
  const { genesis, crypto, roster } = context;
  if (!isMember({ state, genesis, id: change.organisation })) return "ORGANISATION_UNKNOWN";
  const former = validatorRecordOf({ state, genesis, id: change.id });
  if (former !== undefined && former.removedHeight === undefined) return "ID_TAKEN";
  // Removed a block ago it still decides.
  if (isSeated(context, change.id)) return "ID_TAKEN";
  if (former !== undefined && former.organisation !== change.organisation) return "ID_TAKEN";
  if (rolesOf(change).some(({ key }) => isKeyTaken(request, key))) return "KEY_TAKEN";
  if (roster.seats.length >= validatorsMax) return "SET_FULL";
  if (roster.setChanges >= setChangesMax) return "EPOCHS_FULL";
  const { chainId } = genesis;
  return isPossessed({ change, chainId, crypto }) ? undefined : "PROOF_OF_POSSESSION_INVALID";
}

function registrationProblem(request: RequestOf<"register">): string | undefined {
  const { change, state, context } = request;
  if (context.sender.validator?.id !== change.id) return "NOT_AUTHORISED";
  const contact = validatorRecordOf({ state, genesis: context.genesis, id: change.id })?.contact;
  const own = contact === undefined ? [] : [contact.cosignerKey, contact.anchorAddress];
  const keys = [change.cosignerKey, change.anchorAddress];
  const fresh = keys.filter((key) => !own.some((one) => equalBytes(one, key)));
  return fresh.some((key) => isKeyTaken(request, key)) ? "KEY_TAKEN" : undefined;
}

/** Turns belong to an engine that has some. Weights by money are drawn at the end of a term, from what the union holds: without either there are none. */
function policyProblem({
  change,
  state,
  context,
}: RequestOf<"proposer-policy">): string | undefined {
  if (!sharesTurns(engineOf(context.genesis))) return "ENGINE_WITHOUT_TURNS";
  if (!isMoneyPolicy(change.policy)) return undefined;
  if (context.genesis.termBlocks === undefined) return "RULE_UNKNOWN";
  return unionOf(state).terms === undefined ? "TERMS_UNKNOWN" : undefined;
}

function versionProblem(request: RequestOf<"module-version">): string | undefined {
  const { change, state, context } = request;
  const { module, version, height } = change;
  if (!Object.values(moduleNumber).some((number) => number === module)) return "RULE_UNKNOWN";
  const current = versionAt(moduleVersionOf(state, module), context.height);
  if (version < 1 || version > current + 1 || version === current) return "RULE_UNKNOWN";
  return height <= context.height ? "HEIGHT_PASSED" : undefined;
}

function isKeyTaken({ state, context }: ChangeRequest, key: Uint8Array): boolean {
  const { genesis, crypto } = context;
  return (
    isVoteKey({ state, genesis, key }) || state.get(deviceName(keyIdOf(key, crypto))) !== undefined
  );
}

interface KeyRole {
  readonly key: Uint8Array;
  readonly role: KeyOwner["role"];
}

function rolesOf(
  contact: Omit<Admission, "organisation" | "voteKey" | "id"> & { voteKey?: Uint8Array },
): readonly KeyRole[] {
  const roles: readonly KeyRole[] = [
    { key: contact.cosignerKey, role: "cosigner" },
    { key: contact.anchorAddress, role: "anchor" },
  ];
  const { voteKey } = contact;
  return voteKey === undefined ? roles : [{ key: voteKey, role: "vote" }, ...roles];
}

function withKeys(state: StateTree, id: string, roles: readonly KeyRole[]): StateTree {
  return roles.reduce(
    (before, { key, role }) => before.with(keyName(key), encodeKeyOwner({ role, id })),
    state,
  );
}

function withValidator({ change, state, context }: RequestOf<"admit-validator">): StateTree {
  const { id, organisation, voteKey, cosignerKey, anchorAddress, endpoint } = change;
  const { height } = context;
  const record = {
    organisation,
    voteKey,
    contact: { cosignerKey, anchorAddress, endpoint },
    admittedHeight: height,
    removedHeight: undefined,
  };
  const admitted = withKeys(state, id, rolesOf(change)).with(
    validatorName(id),
    encodeValidator(record),
  );
  return released({ state: admitted, id, height });
}

function withoutValidator({ change, state, context }: RequestOf<"remove-validator">): StateTree {
  const { genesis, height } = context;
  const record = validatorRecordOf({ state, genesis, id: change.id });
  if (record === undefined) return state;
  return state.with(
    validatorName(change.id),
    encodeValidator({ ...record, removedHeight: height }),
  );
}

function withOrganisation({ change, state, context }: RequestOf<"admit-organisation">): StateTree {
  const { id, name, certificateHash } = change;
  const { genesis, height: admittedHeight } = context;
  const isNew = organisationOf({ state, genesis, id }) === undefined;
  const record = { name, certificateHash, admittedHeight, removedHeight: undefined };
  const admitted = state.with(organisationName(id), encodeOrganisation(record));
  return isNew ? withAdmittedOrganisation(admitted, id) : admitted;
}

function withoutOrganisation({
  change,
  state,
  context,
}: RequestOf<"remove-organisation">): StateTree {
  const { genesis, height } = context;
  const record = organisationOf({ state, genesis, id: change.id });
  if (record === undefined) return state;
  return state.with(
    organisationName(change.id),
    encodeOrganisation({ ...record, removedHeight: height }),
  );
}

function registered({ change, state, context }: RequestOf<"register">): StateTree {
  const { id, cosignerKey, anchorAddress, endpoint } = change;
  const record = validatorRecordOf({ state, genesis: context.genesis, id });
  if (record === undefined) return state;
  const contact = { cosignerKey, anchorAddress, endpoint };
  return withKeys(state, id, rolesOf(contact)).with(
    validatorName(id),
    encodeValidator({ ...record, contact }),
  );
}

/** Contradictions up to here are settled; nothing where it is not quarantined. */
function released(o: { state: StateTree; id: string; height: number }): StateTree {
  const record = decodeQuarantine(o.state.get(quarantineName(o.id)));
  if (record === undefined || record.releasedHeight !== undefined) return o.state;
  const settled = encodeQuarantine({ ...record, releasedHeight: o.height });
  return o.state.with(quarantineName(o.id), settled);
}

/** The state once a validator is shown to have contradicted itself. */
export function quarantined(options: {
  readonly state: StateTree;
  readonly id: string;
  readonly changeId: Uint8Array;
  readonly context: TransactionContext;
}): StateTree {
  const { state, id, changeId, context } = options;
  const { height } = context;
  const record = encodeQuarantine({ height, releasedHeight: undefined, changeId });
  const pending = pendingSetChange(state);
  return state
    .with(quarantineName(id), record)
    .with(membershipName, encodeMembership({ height, pending }));
}
