import type { ConsortiumChange, ValidatorContact } from "@voltfog/ledger";
import type { ChainField } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";

/** What a change does once it is decided, in words. */
export function changeSentence(change: ConsortiumChange): string {
  switch (change.kind) {
    case "admit-organisation":
      return `Admit the organisation ${change.id} (${change.name}).`;
    case "remove-organisation":
      return `Remove the organisation ${change.id}.`;
    case "admit-validator":
      return `Admit ${change.id} of ${change.organisation} as a validator.`;
    case "remove-validator":
      return `Remove the validator ${change.id}.`;
    case "rule":
      return `Let ${change.numerator} of ${change.denominator} of the votes decide on changes of the kind ${change.rule}.`;
    case "module-version":
      return `Run module ${change.module} by version ${change.version} of its rules from block ${change.height} on.`;
    case "release":
      return `Release ${change.id} from quarantine.`;
    case "proposer-policy":
      return `Give turns to propose by ${change.policy}.`;
    case "register":
      return `${change.id} says where it is and which keys it holds.`;
  }
}

/** What a change names, field by field. */
export function changeFields(change: ConsortiumChange): readonly ChainField[] {
  const kind = field("kind", change.kind);
  switch (change.kind) {
    case "admit-organisation":
      return [
        kind,
        field("organisation", change.id, "organisation"),
        field("name", change.name),
        field("SHA-256 of its agency's certificate", toHex(change.certificateHash), "hex"),
      ];
    case "remove-organisation":
      return [kind, field("organisation", change.id, "organisation")];
    case "admit-validator":
      return [
        kind,
        field("validator", change.id, "validator"),
        field("organisation", change.organisation, "organisation"),
        field("vote key", toHex(change.voteKey), "hex"),
        ...contactFields(change),
      ];
    case "remove-validator":
    case "release":
      return [kind, field("validator", change.id, "validator")];
    case "rule":
      return [
        kind,
        field("of changes of the kind", change.rule),
        field("votes needed", `${change.numerator} of ${change.denominator}`),
      ];
    case "module-version":
      return [
        kind,
        field("module", String(change.module)),
        field("version", String(change.version)),
        field("from block", String(change.height)),
      ];
    case "proposer-policy":
      return [kind, field("policy", change.policy)];
    case "register":
      return [kind, field("validator", change.id, "validator"), ...contactFields(change)];
  }
}

function contactFields(contact: ValidatorContact): readonly ChainField[] {
  return [
    field("cosigner key", toHex(contact.cosignerKey), "hex"),
    field("anchor address", `0x${toHex(contact.anchorAddress)}`, "hex"),
    field("endpoint", contact.endpoint),
  ];
}

function field(name: string, value: string, kind: ChainField["kind"] = "text"): ChainField {
  return { name, value, kind };
}
