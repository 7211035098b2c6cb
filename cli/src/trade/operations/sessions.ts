import {
  encodeAuthorisation,
  encodeDispute,
  encodeSessionName,
  moduleNumber,
  sessionAction,
  sessionIdOf,
  signEnergyStatement,
} from "@voltfog/ledger";
import type { MarketSessionView } from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { parseDuration_ms } from "../../flag-values.ts";
import { readInputFile } from "../../input-file.ts";
import { amountText, energyText, parseAmount, parseEnergy_Wh } from "../../market/amount-text.ts";
import { chargePointKey } from "../charge-point.ts";
import { parseId } from "../id-text.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../operation.ts";
import { parsePlug, plugNames } from "../plug-types.ts";
import type { TradeSession } from "../trade-session.ts";
import { vehicleField, vehicleOf } from "../vehicle-key.ts";

const sessionField: Field = {
  ...{ name: "session", value: "session", isArgument: true },
  summary: "id of the session, as in voltfog trade sessions",
  question: "Id of the session",
};

/** A driver's charging sessions. */
export const sessionOperations: readonly Operation<TradeSession>[] = [
  {
    name: "charge",
    summary: "Authorise a session at a charge point",
    explanation:
      "Locks money for a session at one charge point, up to a limit. The charge point starts, meters and settles it with its own key; what was not used comes back. The tariff of this moment holds for the whole session.",
    example: "voltfog trade charge pile-1 --limit 20.00 --energy 40kWh",
    fields: [
      {
        ...{ name: "point", value: "charge-point", isArgument: true },
        summary: "id of the pile, or its key",
        question: "Id of the pile, or its key",
      },
      {
        ...{ name: "limit", value: "amount" },
        summary: "the most that the session may cost",
        question: "The most that it may cost, such as 20.00",
      },
      {
        ...{ name: "energy", value: "energy", fallback: "50kWh" },
        summary: "the most that is charged",
        question: "The most to charge, such as 40kWh",
      },
      {
        ...{ name: "plug", value: "type", fallback: "ccs2" },
        summary: plugNames.join(", "),
        question: `Plug (${plugNames.join(", ")})`,
      },
      {
        ...{ name: "valid", value: "duration", fallback: "4h" },
        summary: "how long the charge point may use it",
        question: "How long it holds, such as 4h",
      },
      {
        ...{ name: "beans", value: "organisation", fallback: "" },
        summary: "operator whose beans pay first",
        question: "Operator whose beans pay first (empty: the charge point's own)",
      },
    ],
    run: charge,
  },
  {
    name: "sessions",
    summary: "List your charging sessions",
    explanation: "Reads your sessions, newest first, with what each cost.",
    example: "voltfog trade sessions",
    fields: [],
    async run(session) {
      const path = `/v1/market/sessions?key=${session.note.key}`;
      const list = (await session.client.get(path)) as readonly MarketSessionView[];
      return { json: list, text: list.map(sessionLine).join("\n") || "no sessions yet" };
    },
  },
  {
    name: "cancel-charge",
    summary: "Take back an authorisation before the session begins",
    explanation: "The money that was locked comes back.",
    example: "voltfog trade cancel-charge 5f02…",
    fields: [sessionField],
    async run(session, values) {
      const outcome = await session.order({
        module: moduleNumber.sessions,
        action: sessionAction.cancel,
        payload: encodeSessionName(parseId(given(values, "session"))),
      });
      return ordered("the session is cancelled", outcome);
    },
  },
  {
    name: "dispute",
    summary: "Say that your vehicle counted another energy",
    explanation:
      "Compares what the charge point settled with what your vehicle's battery took. Beyond the tolerance the operator's money of this session is held until the authority has resolved it. The evidence is the vehicle's own signed record; its hash goes on the chain.",
    example: "voltfog trade dispute 5f02… --energy 9.2kWh --evidence frame.vfb",
    fields: [
      sessionField,
      {
        ...{ name: "energy", value: "energy" },
        summary: "what the vehicle counted",
        question: "What your vehicle counted, such as 9.2kWh",
      },
      {
        ...{ name: "evidence", value: "file" },
        summary: "file with the vehicle's signed records",
        question: "File with the vehicle's signed records",
      },
    ],
    run: dispute,
  },
  {
    name: "count",
    summary: "Add what your vehicle counted to the receipt of a session",
    explanation:
      "Your vehicle's device key signs what its battery took; the receipt then holds both counts, and says whether they agree. Nothing is paid by it: where they do not agree, dispute.",
    example: "voltfog trade count 5f02… --energy 9.4kWh --vehicle-key vehicle.key",
    fields: [
      sessionField,
      {
        ...{ name: "energy", value: "energy" },
        summary: "what the vehicle counted",
        question: "What your vehicle counted, such as 9.4kWh",
      },
      vehicleField,
    ],
    run: count,
  },
  {
    name: "receipt",
    summary: "Take the receipt of a settled session",
    explanation:
      "Reads one file that binds the signed meter values, the tariff and the settlement. Anyone can check it without the cloud: voltfog verify.",
    example: "voltfog trade receipt 5f02… --json > receipt.json",
    fields: [sessionField],
    async run(session, values) {
      const id = toHex(parseId(given(values, "session")));
      const receipt = await session.client.get(`/v1/settlement/receipts/${id}`);
      return { json: receipt, text: JSON.stringify(receipt, null, 2) };
    },
  },
];

async function charge(session: TradeSession, values: FieldValues): Promise<Answer> {
  const chargePoint = await chargePointKey(session.client, given(values, "point"));
  const limitAmount = parseAmount({ flag: "--limit", text: given(values, "limit") });
  const limit_Wh = parseEnergy_Wh({ flag: "--energy", text: given(values, "energy") });
  const valid_ms = parseDuration_ms({ flag: "--valid", text: given(values, "valid") });
  const beans = values["beans"] ?? "";
  const authorisation = {
    salt: session.random.bytes(16),
    chargePoint,
    plugType: parsePlug(given(values, "plug")),
    limitAmount,
    limit_Wh,
    expiry_ms: session.clock.wall_ms() + valid_ms,
    beansOf: beans === "" ? undefined : beans,
  };
  const outcome = await session.order({
    module: moduleNumber.sessions,
    action: sessionAction.authorise,
    payload: encodeAuthorisation(authorisation),
  });
  const driver = fromHex(session.note.key) ?? new Uint8Array();
  const id = toHex(sessionIdOf({ ...authorisation, driver }, nodeCrypto));
  const done = `session ${id} may charge ${energyText(limit_Wh)} for ${amountText(limitAmount)} at most`;
  return ordered(done, outcome, { session: id });
}

async function dispute(session: TradeSession, values: FieldValues): Promise<Answer> {
  const evidence = readInputFile(given(values, "evidence"));
  const outcome = await session.order({
    module: moduleNumber.sessions,
    action: sessionAction.dispute,
    payload: encodeDispute({
      sessionId: parseId(given(values, "session")),
      vehicleEnergy_Wh: parseEnergy_Wh({
        flag: "--energy",
        text: given(values, "energy"),
        zero: true,
      }),
      evidenceHash: nodeCrypto.sha256(evidence),
    }),
  });
  return ordered("the session is in dispute; the authority resolves it", outcome);
}

async function count(session: TradeSession, values: FieldValues): Promise<Answer> {
  const sessionId = parseId(given(values, "session"));
  const path = `/v1/market/sessions/${toHex(sessionId)}`;
  const charged = (await session.client.get(path)) as MarketSessionView;
  const vehicle = vehicleOf(session, values);
  const terms = {
    tradeId: sessionId,
    side: "received" as const,
    energy_Wh: parseEnergy_Wh({ flag: "--energy", text: given(values, "energy"), zero: true }),
    from_ms: charged.time_ms,
    to_ms: Math.max(charged.time_ms, session.clock.wall_ms()),
  };
  const chainId = fromHex(session.note.chainId) ?? new Uint8Array();
  const { signature, energy_Wh, from_ms, to_ms } = signEnergyStatement(terms, { chainId, vehicle });
  const json = (await session.client.post("/v1/settlement/counts", {
    ...{ sessionId: toHex(sessionId), key: toHex(vehicle.publicKey) },
    ...{ energy_Wh, from_ms, to_ms, signature: toHex(signature) },
  })) as { readonly dispute: string };
  const said = `the receipt says that your vehicle counted ${energyText(energy_Wh)}`;
  return { json, text: `${said}${disputeTexts[json.dispute] ?? ""}` };
}

const disputeTexts: Readonly<Record<string, string>> = {
  sent: "; charge point and vehicle cannot both be right: the desk asks the chain to open a dispute",
  "not-sent":
    "; charge point and vehicle cannot both be right, and no validator took the dispute: try again",
};

function sessionLine(session: MarketSessionView): string {
  const { id, pileId, organisation, state, energy_Wh, cost, beans_Wh } = session;
  const paid = cost === null ? "" : `, paid ${amountText(cost)}`;
  const beans = (beans_Wh ?? 0) === 0 ? "" : ` and ${energyText(beans_Wh ?? 0)} in beans`;
  return `${id}  ${pileId} of ${organisation}: ${state}, ${energyText(energy_Wh)}${paid}${beans}`;
}
