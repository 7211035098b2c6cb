import { CodedError, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { decodeEntryPage, type EntryPage } from "../intake/entry-page.ts";
import { listOf, parseJson, recordOf } from "../live/json-value.ts";
import type { Remote, Reply } from "../remote/remote.ts";
import type { PageAsk, UnitLink } from "./unit-link.ts";

const pageMax_bytes = 64 * 1024 * 1024;
const feedMax_bytes = 4 * 1024 * 1024;
const timeout_ms = 10_000;

/** The embedded link: the unit's own log and journal over HTTPS, asked for by long poll. */
export class LoopbackLink implements UnitLink {
  readonly #remote: Remote;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  async entries(ask: PageAsk): Promise<Outcome<EntryPage, MalformedProblem>> {
    const { log, from, limit, wait_ms } = ask;
    const path = `/v1/entries?log=${log}&from=${from}&limit=${limit}&wait_ms=${wait_ms}`;
    const reply = await this.#ask(ask, path, pageMax_bytes);
    if (reply.status === 200) return decodeEntryPage(reply.body);
    throw this.#unusable(`answers ${reply.status} to a request for entries`);
  }

  async events(ask: PageAsk): Promise<readonly unknown[]> {
    const path = `/v1/events?from=${ask.from}&limit=${ask.limit}&wait_ms=${ask.wait_ms}`;
    const reply = await this.#ask(ask, path, feedMax_bytes);
    const items = reply.status === 200 ? parseJson(reply.body) : undefined;
    if (Array.isArray(items)) return items;
    throw this.#unusable(`answers ${reply.status} without a list to a request for events`);
  }

  async logs(
    signal: AbortSignal,
  ): Promise<readonly { readonly number: number; readonly size: number }[]> {
    const options = { signal, timeout_ms, bodyMax_bytes: 65_536 };
    const reply = await this.#remote.get("/v1/logs", options);
    if (reply.status !== 200) return [];
    return listOf(parseJson(reply.body))
      .map(recordOf)
      .map((log) => ({ number: Number(log["number"]), size: Number(log["size"]) }));
  }

  #ask(ask: PageAsk, path: string, bodyMax_bytes: number): Promise<Reply> {
    const { signal, wait_ms } = ask;
    return this.#remote.get(path, { signal, timeout_ms: wait_ms + 10_000, bodyMax_bytes });
  }

  #unusable(what: string): CodedError {
    return new CodedError({ code: "UNREACHABLE", message: `${this.#remote.url} ${what}` });
  }
}
