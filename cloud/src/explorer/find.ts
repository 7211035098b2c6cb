import type { FoundView } from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import type { ChainReader } from "../store/chain-reader.ts";
import { storedResult } from "./transaction-view.ts";

/** What there is to look in. */
export interface Searched {
  readonly chain: ChainReader;
  readonly consortium: Consortium;
  /** The newest followed height. */
  readonly height: number;
  readonly logs: readonly { readonly log: string; readonly logId: string; readonly key: string }[];
}

const hashPattern = /^[0-9a-f]{64}$/;

/**
 * What a text names on the chain: a height, a hash of a block or transaction, an event's id, the name, id
 * or key of a log, a validator's id or key, an organisation. At most one look at each table.
 */
export async function findOnChain(text: string, searched: Searched): Promise<readonly FoundView[]> {
  const wanted = text.trim().toLowerCase();
  const named = [...foundHeight(wanted, searched.height), ...foundNames(wanted, searched)];
  return hashPattern.test(wanted) ? [...named, ...(await foundHash(wanted, searched))] : named;
}

function foundHeight(wanted: string, height: number): readonly FoundView[] {
  if (!/^[1-9][0-9]{0,15}$/.test(wanted) || Number(wanted) > height) return [];
  return [{ kind: "block", id: wanted, sentence: `Block ${wanted}` }];
}

function foundNames(wanted: string, { consortium, logs }: Searched): readonly FoundView[] {
  const validators = consortium.seats
    .filter(({ id, voteKey }) => id === wanted || toHex(voteKey) === wanted)
    .map(({ id, organisation }) => ({
      kind: "validator" as const,
      id,
      sentence: `Validator ${id} of ${organisation}`,
    }));
  const named = logs
    .filter(({ log, logId, key }) => [log, logId, key].includes(wanted))
    .map(({ log }) => ({ kind: "log" as const, id: log, sentence: `Log of ${log}` }));
  const organisations = consortium.genesis.organisations
    .filter(({ id }) => id === wanted)
    .map(({ id, name }) => ({
      kind: "organisation" as const,
      id,
      sentence: `Organisation ${name}`,
    }));
  return [...validators, ...named, ...organisations];
}

async function foundHash(wanted: string, { chain }: Searched): Promise<readonly FoundView[]> {
  const [height, transaction, event] = await Promise.all([
    chain.heightOf(wanted),
    chain.transaction(fromHex(wanted) ?? new Uint8Array()),
    chain.eventResult(wanted),
  ]);
  return [
    ...(height === undefined
      ? []
      : [{ kind: "block" as const, id: String(height), sentence: `Block ${height}` }]),
    ...(transaction === undefined
      ? []
      : [
          {
            kind: "transaction" as const,
            id: wanted,
            sentence: `Transaction in block ${transaction.height}`,
          },
        ]),
    ...(event === undefined
      ? []
      : [
          { kind: "event" as const, id: wanted, sentence: `Event, final in block ${event.height}` },
          {
            kind: "transaction" as const,
            id: toHex(storedResult(event).txHash),
            sentence: `The transaction that recorded the event, in block ${event.height}`,
          },
        ]),
  ];
}
