import { encodeGroupOrder, pileAction } from "@voltfog/ledger";
import { isRingKey, ringKeyOf } from "@voltfog/market";
import { compareBytes, fromHex, toHex } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../../complaint.ts";
import { parseWhole } from "../../flag-values.ts";
import { type Answer, type FieldValues, given, type Operation, ordered } from "../operation.ts";
import { contractDetail, contractField, sendPile } from "../pile-contract.ts";
import { parseSide, signConfirmation } from "../ring-confirmation.ts";
import type { TradeSession } from "../trade-session.ts";

const groupMax = 8;

/** Groups whose members confirm contracts for an account without saying which of them. */
export const pileGroupOperations: readonly Operation<TradeSession>[] = [
  {
    name: "ring-key",
    summary: "Make your key in a group that confirms, or show it",
    explanation:
      "Makes a key in your own folder, sealed with your passphrase, and says its public part: give that to the account that the group confirms for. It is no account's key and pays nothing.",
    example: "voltfog trade ring-key --as member-1 --passphrase-file pass",
    fields: [],
    async run(session) {
      const key = toHex(ringKeyOf(await session.ringSecret(true)));
      return { text: `${session.handle} confirms in groups with ${key}`, json: { key } };
    },
  },
  {
    name: "pile-group",
    summary: "Name the group that confirms contracts for your account",
    explanation:
      "From now on so many of these 2 to 8 members confirm your contracts of private piles, and you cannot confirm alone. The word none ends the group.",
    example: "voltfog trade pile-group 02ab…,03cd…,03ef… --threshold 2",
    fields: [
      {
        ...{ name: "keys", value: "keys", isArgument: true },
        summary: "keys of the members, with commas between them; none ends the group",
        question: "Keys of the members, with commas between them (none ends the group)",
      },
      {
        ...{ name: "threshold", value: "n", fallback: "1" },
        summary: "how many of them must confirm",
        question: "How many of them must confirm",
      },
    ],
    run: nameGroup,
  },
  {
    name: "ring-sign",
    summary: "Confirm a contract as a member of a group, without saying who you are",
    explanation:
      "Signs the terms and both readings with your key of ring-key, and writes a file. Whoever brings it (the account with pile-confirm --ring, or the authority) learns that a member signed, not which. You need no account.",
    example: "voltfog trade ring-sign 5f02… --side owner --out confirmation.json --as member-1",
    fields: [
      contractField,
      {
        ...{ name: "side", value: "buyer|owner" },
        summary: "whose group it is",
        question: "Whose group it is, buyer or owner",
      },
      {
        ...{ name: "out", value: "file" },
        summary: "file to write",
        question: "File to write",
      },
    ],
    run: ringSign,
  },
];

async function nameGroup(session: TradeSession, values: FieldValues): Promise<Answer> {
  const text = given(values, "keys").trim();
  const keys = text === "none" ? [] : text.split(",").map(parseRingKey).toSorted(compareBytes);
  const flag = "--threshold";
  const threshold =
    keys.length === 0
      ? 0
      : parseWhole({ flag, text: given(values, "threshold"), min: 1, max: groupMax });
  const payload = encodeGroupOrder({ threshold, keys });
  const outcome = await sendPile(session, pileAction.group, payload);
  const done =
    keys.length === 0
      ? "you confirm yourself again"
      : `${threshold} of ${keys.length} members confirm for you`;
  return ordered(done, outcome, { threshold, keys: keys.map(toHex) });
}

/** KEY_INVALID for anything but a point of the curve. */
function parseRingKey(text: string): Uint8Array {
  const key = fromHex(text.trim().toLowerCase());
  if (key !== undefined && isRingKey(key)) return key;
  throw complaint({
    code: "KEY_INVALID",
    what: `${JSON.stringify(text)} is no key of a group's member`,
    remedy: "give the 66 hexadecimal digits that voltfog trade ring-key said to the member",
  });
}

async function ringSign(session: TradeSession, values: FieldValues): Promise<Answer> {
  const side = parseSide(given(values, "side"));
  const shown = await contractDetail(session.client, given(values, "contract"));
  const chainId = await session.chainId();
  const secret = await session.ringSecret(false);
  const confirmation = signConfirmation({ chainId, shown, side, secret });
  const file = given(values, "out");
  replaceFileSync(file, `${JSON.stringify(confirmation, null, 2)}\n`);
  return { text: `${file} confirms contract ${shown.id} for the ${side}`, json: confirmation };
}
