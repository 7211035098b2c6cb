import { createHash, X509Certificate } from "node:crypto";
import {
  type ConsortiumChange,
  consortiumAction,
  encodeChange,
  encodeProposal,
} from "@voltfog/ledger";
import { ByteWriter, fromHex, type Signer } from "@voltfog/runtime";
import { readPassphrase, readSealedKey, signerOf } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { type NodeChanges, RunningNode } from "./ask-node.ts";
import { type NodePaths, readNodeConfig } from "./node-folder.ts";

/** A member's node that runs on this machine, and the key that votes for it. */
export interface Member {
  readonly node: RunningNode;
  readonly signer: Signer;
}

/** KEYSTORE_DAMAGED, PASSPHRASE_MISSING, PASSPHRASE_WRONG. */
export function openMember(
  paths: NodePaths,
  environment: Readonly<Record<string, string | undefined>>,
): Member {
  const { httpPort, passphraseFile } = readNodeConfig(paths, environment);
  const passphrase = readPassphrase({ file: passphraseFile, environment });
  return {
    node: new RunningNode(httpPort),
    signer: signerOf(readSealedKey(paths.voteKey, passphrase)),
  };
}

/**
 * Votes for what a text names: the id of an open change, its beginning, what it is about, or a validator
 * that asks for a seat. A request becomes a change by its first vote. CHANGE_UNKNOWN, CHANGE_AMBIGUOUS,
 * and the chain's own codes.
 */
export async function approve({ node, signer }: Member, text: string): Promise<string> {
  const known = await node.changes();
  const change = named(known, text);
  if (change !== undefined) {
    const payload = fromHex(change.id) ?? new Uint8Array();
    return said(await node.vote({ signer, action: consortiumAction.approve, payload }));
  }
  const request = known.requests.find(({ id }) => id === text);
  if (request === undefined) {
    throw complaint({
      code: "CHANGE_UNKNOWN",
      what: `no open change and no request is named ${text}`,
      remedy: "see voltfog consortium changes for what there is",
    });
  }
  const body = fromHex(request.change) ?? new Uint8Array();
  const payload = new ByteWriter().u8(1).raw(body).finish();
  return said(await node.vote({ signer, action: consortiumAction.propose, payload }));
}

/** Proposes a change with this member's vote; one that is open already only gets the vote. */
export async function propose({ node, signer }: Member, change: ConsortiumChange): Promise<string> {
  const { changes } = await node.changes();
  const subject = "id" in change ? change.id : encodeChange(change).join();
  const open = changes.find((one) => one.kind === change.kind && one.subject === subject);
  if (open !== undefined && change.kind === "remove-validator") {
    const payload = fromHex(open.id) ?? new Uint8Array();
    return said(await node.vote({ signer, action: consortiumAction.approve, payload }));
  }
  const payload = encodeProposal(change);
  return said(await node.vote({ signer, action: consortiumAction.propose, payload }));
}

/** The change that admits an organisation by its agency's certificate. CERTIFICATE_UNREADABLE. */
export function organisationChange(path: string, name: string | undefined): ConsortiumChange {
  try {
    const certificate = new X509Certificate(readInputFile(path));
    const id = /^CN=([a-z][a-z0-9-]{0,31})$/m.exec(certificate.subject)?.[1];
    if (id === undefined || !certificate.subject.includes("OU=agency")) {
      throw new Error("is no agency's certificate");
    }
    const certificateHash = new Uint8Array(createHash("sha256").update(certificate.raw).digest());
    return { kind: "admit-organisation", id, name: name ?? id, certificateHash };
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "FILE_UNREADABLE")
      throw thrown;
    throw complaint({
      code: "CERTIFICATE_UNREADABLE",
      what: `${path} is no agency's certificate`,
      remedy: "have the consortium's authority certify the organisation's agency",
    });
  }
}

function named({ changes }: NodeChanges, text: string): NodeChanges["changes"][number] | undefined {
  const found = changes.filter(
    ({ id, subject }) => subject === text || (text.length >= 8 && id.startsWith(text)),
  );
  if (found.length <= 1) return found[0];
  throw complaint({
    code: "CHANGE_AMBIGUOUS",
    what: `${found.length} open changes are named ${text}`,
    remedy: "give the first letters of one's id: see voltfog consortium changes",
  });
}

/** OK, or the chain's refusal as a complaint. */
function said(code: string): string {
  if (code === "OK") return code;
  throw complaint({
    code,
    what: `the chain refuses it: ${code}`,
    remedy: remedies[code] ?? "see docs/operations/consortium.md for what each code means",
  });
}

const remedies: Readonly<Record<string, string>> = {
  ALREADY_APPROVED: "nothing: this validator has voted; the others must",
  CHANGE_PENDING: "wait two blocks: one change of the validators at a time; then repeat this",
  CHANGE_EXPIRED: "propose it anew: a change waits 10,000 blocks for its votes",
  CHANGES_FULL: "wait until one of this validator's 16 open changes is decided or expires",
  HEIGHT_PASSED: "give a height above the chain's: see voltfog validator list",
  ID_TAKEN: "give the node an id that was never used; make its folder anew",
  KEY_TAKEN: "make the node's folder anew: keys are never used twice",
  NOT_AUTHORISED: "vote with a validator that has a seat and is not quarantined",
  ORGANISATION_UNKNOWN: "admit the organisation first: voltfog consortium admit",
  RULE_UNKNOWN: "see voltfog consortium --help for kinds, policies and versions that the chain has",
  SET_TOO_SMALL: "keep one validator at least",
  VALIDATOR_UNKNOWN: "see voltfog validator list for who has a seat",
};
