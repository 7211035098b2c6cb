import type {
  ClearingLineView,
  ClearingPositionView,
  DayClearingView,
  PileAdviceView,
  SettlementExportView,
  SettlementReportRow,
} from "@voltfog/messages";
import {
  flag,
  type JsonSchema,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  text,
  whole,
} from "./schema.ts";

const lineSchema = objectOf<ClearingLineView>({
  home: nullable(text("who vouched for the drivers; null: the union's own desk")),
  operator: text(),
  sessions: whole,
  energy_Wh: whole,
  beans_Wh: whole,
  amount: whole,
});

const positionSchema = objectOf<ClearingPositionView>({
  organisation: nullable(text()),
  receives: whole,
  owes: whole,
  net: whole,
});

export const dayClearingSchema: JsonSchema = objectOf<DayClearingView>({
  day: text(),
  currency: text(),
  isFinal: flag,
  chainBegan_ms: nullable(whole),
  sessions: whole,
  energy_Wh: whole,
  beans_Wh: whole,
  amount: whole,
  refunds: whole,
  lines: listOf(lineSchema),
  positions: listOf(positionSchema),
  contracts: objectOf<DayClearingView["contracts"]>({
    count: whole,
    energy_Wh: whole,
    amount: whole,
  }),
  trades: objectOf<DayClearingView["trades"]>({
    count: whole,
    energy_Wh: whole,
    amount: whole,
  }),
});

export const reportRowSchema: JsonSchema = objectOf<SettlementReportRow>({
  name: text(),
  sessions: whole,
  contracts: whole,
  trades: whole,
  energy_Wh: whole,
  beans_Wh: whole,
  amount: whole,
});

export const adviceSchema: JsonSchema = objectOf<PileAdviceView>({
  pile: text(),
  operator: nullable(text()),
  sessions: whole,
  energy_Wh: whole,
  utilisation: number,
  advice: oneOf(["early", "idle", "ordinary", "missing"]),
  sentence: text(),
});

export const exportSchema: JsonSchema = objectOf<SettlementExportView>({
  state: oneOf(["off", "following", "failing"]),
  code: nullable(text()),
  message: nullable(text()),
  since_ms: nullable(whole),
  rows: whole,
  waiting: whole,
  unacknowledged: whole,
  isDurable: nullable(flag),
});
