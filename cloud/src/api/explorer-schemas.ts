import { engineNames } from "@voltfog/ledger";
import type {
  ApprovalView,
  BlockSealsView,
  ChainField,
  ChainView,
  ChangeView,
  CheckpointView,
  CosignatureView,
  EpochMemberView,
  EpochView,
  FoundView,
  LogView,
  SealView,
  TransactionDetailView,
  TransactionView,
} from "@voltfog/messages";
import { flag, type JsonSchema, listOf, nullable, objectOf, oneOf, text, whole } from "./schema.ts";

export const chainSchema: JsonSchema = objectOf<ChainView>({
  chain: text(),
  chainId: text(),
  engine: oneOf(engineNames),
  redundant: whole,
  validators: whole,
  faultyMax: whole,
  quorum: whole,
  fastQuorum: nullable(whole),
});

const transactionFields: Readonly<Record<keyof TransactionView, JsonSchema>> = {
  height: whole,
  txIndex: whole,
  index: whole,
  hash: text(),
  sender: text(),
  module: text(),
  action: text(),
  code: text(),
  sentence: text(),
};

export const transactionSchema: JsonSchema = objectOf<TransactionView>(transactionFields);

const fields = listOf(
  objectOf<ChainField>({
    name: text(),
    value: text(),
    kind: oneOf(["text", "hex", "time", "event", "log", "validator", "organisation", "change"]),
  }),
);

export const transactionDetailSchema: JsonSchema = objectOf<TransactionDetailView>({
  ...transactionFields,
  time_ms: whole,
  blockHash: text(),
  senderKey: text(),
  nonce: whole,
  signature: text(),
  bytes: text(),
  payload: fields,
  data: fields,
  meaning: text(),
  remedy: nullable(text()),
});

export const blockSealsFields: Readonly<Record<keyof BlockSealsView, JsonSchema>> = {
  epoch: whole,
  parent: text(),
  parentCertificateHash: text(),
  txRoot: text(),
  stateRoot: text(),
  resultsRoot: text(),
  form: oneOf(["commit", "fast"]),
  resultsSize: whole,
  nextValidatorsHash: text(),
  seals: listOf(objectOf<SealView>({ id: text(), organisation: text(), delay_ms: whole })),
  unsealed: listOf(text()),
  quorum: whole,
  validators: whole,
  results: listOf(transactionSchema),
};

export const epochSchema: JsonSchema = objectOf<EpochView>({
  epoch: whole,
  firstHeight: whole,
  lastHeight: whole,
  quorum: whole,
  members: listOf(
    objectOf<EpochMemberView>({
      id: text(),
      organisation: text(),
      voteKey: text(),
      sealed: whole,
      proposed: whole,
      firstSealed: nullable(whole),
      lastSealed: nullable(whole),
    }),
  ),
  changes: listOf(text()),
  decidedBy: nullable(text()),
});

export const logSchema: JsonSchema = objectOf<LogView>({
  log: text(),
  unitId: text(),
  organisation: text(),
  logId: text(),
  origin: text(),
  key: text(),
  size: whole,
  finalSize: whole,
  finalRoot: nullable(text()),
  finalHeight: nullable(whole),
  final_ms: nullable(whole),
  checkpoints: whole,
  isCurrent: flag,
  incident: nullable(text()),
});

export const checkpointSchema: JsonSchema = objectOf<CheckpointView>({
  size: whole,
  root: text(),
  height: whole,
  time_ms: whole,
  transaction: nullable(text()),
});

export const foundSchema: JsonSchema = objectOf<FoundView>({
  kind: oneOf(["block", "transaction", "event", "log", "validator", "organisation"]),
  id: text(),
  sentence: text(),
});

export const changeSchema: JsonSchema = objectOf<ChangeView>({
  id: text(),
  kind: text(),
  sentence: text(),
  fields,
  state: oneOf(["open", "decided", "expired"]),
  proposedHeight: whole,
  proposedBy: nullable(text()),
  transaction: text(),
  approvals: listOf(objectOf<ApprovalView>({ id: text(), height: whole, transaction: text() })),
  decidedHeight: nullable(whole),
  expiresHeight: whole,
});

export const cosignatureSchema: JsonSchema = objectOf<CosignatureView>({
  validator: text(),
  name: text(),
  size: whole,
  root: text(),
  time_ms: whole,
});
