import type { AdmissionDesk } from "@voltfog/consensus/node";
import { type Chain, encodeChange } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type { App } from "../http/parameters.ts";

/** GET /v1/changes: what the consortium votes on now, and who asks for a seat here. */
export function addChangeRoutes(
  app: App,
  { chain, admissions }: { chain: Chain; admissions: AdmissionDesk },
): void {
  app.get("/v1/changes", () => ({
    changes: chain.consortium
      .changes()
      .map(({ id, change, approvals, proposedHeight, needed }) => ({
        id: toHex(id),
        kind: change.kind,
        subject: subjectOf(change),
        proposedHeight,
        approvals,
        needed,
      })),
    requests: admissions.waiting.map((request) => ({
      id: request.id,
      organisation: request.organisation,
      endpoint: request.endpoint,
      voteKey: toHex(request.voteKey),
      change: toHex(encodeChange(request)),
    })),
  }));
}

/** Whom or what a change is about. */
function subjectOf(change: object): string {
  const { id, rule, module, policy } = change as Readonly<Record<string, unknown>>;
  return String(id ?? rule ?? policy ?? module);
}
