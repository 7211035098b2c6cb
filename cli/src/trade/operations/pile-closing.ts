import { encodeHashOrder, encodePileId, encodeRingConfirm, pileAction } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../../complaint.ts";
import { readInputFile } from "../../input-file.ts";
import { parseId } from "../id-text.ts";
import { type Answer, type FieldValues, given, type Operation, ordered } from "../operation.ts";
import { contractField, sendPile } from "../pile-contract.ts";
import { readRingConfirmation } from "../ring-confirmation.ts";
import type { TradeSession } from "../trade-session.ts";

/** How a contract of a private pile ends: by both confirmations, or by a dispute. */
export const pileClosingOperations: readonly Operation<TradeSession>[] = [
  {
    name: "pile-confirm",
    summary: "Confirm a contract that was delivered: with both it is paid",
    explanation:
      "Confirms the readings of both meters. With the other side's it is paid. Where a group confirms for an account, bring the file that a member made with ring-sign: the chain learns that one of them confirmed, not which.",
    example: "voltfog trade pile-confirm 5f02… --ring confirmation.json",
    fields: [
      contractField,
      {
        ...{ name: "ring", value: "file", fallback: "" },
        summary: "confirmation of a group's member, from voltfog trade ring-sign",
        question: "File of a group member's confirmation (empty: you confirm yourself)",
      },
    ],
    run: confirm,
  },
  {
    name: "pile-dispute",
    summary: "Say that a contract went otherwise than the meters or the other side say",
    explanation:
      "Opens a dispute from the window's beginning until a day after the readings are due. The money stays locked until the authority says what counts as delivered. The hash of the evidence goes on the chain; keep the file.",
    example: "voltfog trade pile-dispute 5f02… --evidence photographs.zip",
    fields: [
      contractField,
      {
        ...{ name: "evidence", value: "file" },
        summary: "file that shows what happened",
        question: "File that shows what happened",
      },
    ],
    async run(session, values) {
      const hash = nodeCrypto.sha256(readInputFile(given(values, "evidence")));
      const payload = encodeHashOrder({ contractId: parseId(given(values, "contract")), hash });
      const outcome = await sendPile(session, pileAction.dispute, payload);
      return ordered("the contract is in dispute; the authority resolves it", outcome);
    },
  },
  {
    name: "pile-timeout",
    summary: "End a contract whose time is over, so that its money comes back",
    explanation:
      "Anybody may say it. Unsigned in time, or without any reading: all money goes back. With one reading: it stands for both. Confirmations missing after a day: settled as read. TOO_EARLY while there is time.",
    example: "voltfog trade pile-timeout 5f02…",
    fields: [contractField],
    async run(session, values) {
      const payload = encodePileId(parseId(given(values, "contract")));
      return ordered(
        "the contract's time is over",
        await sendPile(session, pileAction.timeout, payload),
      );
    },
  },
];

async function confirm(session: TradeSession, values: FieldValues): Promise<Answer> {
  const contractId = parseId(given(values, "contract"));
  const file = values["ring"] ?? "";
  if (file === "") {
    const outcome = await sendPile(session, pileAction.confirm, encodePileId(contractId));
    return ordered("confirmed", outcome);
  }
  const { chainId, order } = readRingConfirmation(file);
  const isSame = chainId === session.note.chainId && equalBytes(order.contractId, contractId);
  if (!isSame) {
    throw complaint({
      code: "CONTRACT_DIFFERS",
      what: `${file} confirms another contract`,
      remedy: "name the contract that the member signed for",
    });
  }
  const outcome = await sendPile(session, pileAction.ringConfirm, encodeRingConfirm(order));
  return ordered(`a member of the ${order.side}'s group confirmed`, outcome);
}
