import { readFileSync } from "node:fs";
import { type Clock, CodedError, messageOf } from "@voltfog/runtime";
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type TlsIdentity,
} from "@voltfog/runtime/node";

export interface InfluxOptions {
  /** http only to this machine; https shows the process's certificate. */
  readonly url: string;
  readonly database: string;
  /** File with user:password; empty where the server asks for none. */
  readonly loginFile: string;
  /** Id in the server's certificate, for https. */
  readonly serverId: string;
  readonly identity: TlsIdentity | undefined;
  readonly clock: Clock;
}

/** One series of an answer: rows of values under the names of its columns. */
export interface InfluxSeries {
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

const answerMax_bytes = 64 * 1024 * 1024;
const timeout_ms = 15_000;
const callsMax = 8;
const waitingMax = 64;

/**
 * InfluxDB's HTTP interface of version 1 (/write with line protocol, /query with InfluxQL), which
 * VictoriaMetrics and InfluxDB 2 and 3 also speak. STORE_UNREACHABLE where it does not answer or says it
 * can't now (5xx), STORE_TIMEOUT, STORE_BUSY, STORE_FAILED with its own words for everything else.
 */
export class InfluxClient {
  readonly #http: HttpClient;
  readonly #options: InfluxOptions;
  readonly #login: string;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #isCreated = false;

  constructor(options: InfluxOptions) {
    this.#options = options;
    this.#login = loginOf(options.loginFile);
    this.#http = createHttpClient({
      url: options.url,
      peerId: options.serverId,
      identity: options.identity,
    });
  }

  /** Durable when it resolves. */
  async write(lines: string): Promise<void> {
    await this.#create();
    const path = `/write?${this.#parameters({ precision: "ns" })}`;
    const answer = await this.#call({ path, type: "text/plain", body: lines });
    if (answer.status === 204 || answer.status === 200) return;
    // Its folder was emptied while we ran: made again with the next try.
    if (answer.status === 404) this.#isCreated = false;
    throw refusal(answer);
  }

  /** Times are whole milliseconds. */
  async query(text: string): Promise<readonly InfluxSeries[]> {
    await this.#create();
    return await this.#ask(text);
  }

  close(): void {
    this.#http.close();
  }

  /** Not at the start: the store may come later than this process. */
  async #create(): Promise<void> {
    if (this.#isCreated) return;
    await this.#ask(`CREATE DATABASE "${this.#options.database}"`);
    this.#isCreated = true;
  }

  async #ask(text: string): Promise<readonly InfluxSeries[]> {
    const body = new URLSearchParams({ q: text }).toString();
    const path = `/query?${this.#parameters({ epoch: "ms" })}`;
    const type = "application/x-www-form-urlencoded";
    const answer = await this.#call({ path, type, body });
    if (answer.status !== 200) throw refusal(answer);
    return readAnswer(answer);
  }

  #parameters(more: Readonly<Record<string, string>>): string {
    const [u, ...rest] = this.#login.split(":");
    const login = this.#login === "" ? {} : { u: u ?? "", p: rest.join(":") };
    return new URLSearchParams({ db: this.#options.database, ...more, ...login }).toString();
  }

  async #call(o: { path: string; type: string; body: string }): Promise<HttpAnswer> {
    await this.#turn();
    const stop = new AbortController();
    let late = false;
    const cancel = this.#options.clock.after(timeout_ms, () => {
      late = true;
      stop.abort();
    });
    try {
      return await this.#http.call({
        path: o.path,
        method: "POST",
        body: { type: o.type, bytes: o.body },
        signal: stop.signal,
        bodyMax_bytes: answerMax_bytes,
      });
    } catch (thrown) {
      throw late ? tooLate() : unreachable(messageOf(thrown), thrown);
    } finally {
      cancel();
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= callsMax) {
      if (this.#waiting.length >= waitingMax) {
        throw new CodedError({ code: "STORE_BUSY", message: "too many queries wait; try again" });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }
}

function loginOf(path: string): string {
  if (path === "") return "";
  try {
    return readFileSync(path, "utf8").trim();
  } catch (thrown) {
    throw new CodedError({
      code: "CONFIG_INVALID",
      message: `influxLogin: ${messageOf(thrown)}`,
      remedy: "name a file with user:password that this process may read",
      cause: thrown,
    });
  }
}

function unreachable(message: string, cause?: unknown): CodedError {
  const remedy = "start InfluxDB, or correct influxUrl; nothing is lost meanwhile";
  return new CodedError({ code: "STORE_UNREACHABLE", message, remedy, cause });
}

function tooLate(): CodedError {
  return new CodedError({
    code: "STORE_TIMEOUT",
    message: `InfluxDB took longer than ${timeout_ms} ms`,
    remedy: "ask for a shorter range",
  });
}

/** A 5xx is about the server's state (full disk, cache over its limit) and passes. */
function refusal(answer: HttpAnswer): CodedError {
  const words = new TextDecoder().decode(answer.body).slice(0, 500).trim();
  const message = `InfluxDB answers ${answer.status}: ${words}`;
  if (answer.status >= 500) return unreachable(message);
  return new CodedError({ code: "STORE_FAILED", message });
}

interface QueryAnswer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly InfluxSeries[];
  }[];
}

function readAnswer(answer: HttpAnswer): readonly InfluxSeries[] {
  let parsed: QueryAnswer;
  try {
    parsed = JSON.parse(new TextDecoder().decode(answer.body)) as QueryAnswer;
  } catch (thrown) {
    throw unreachable("InfluxDB's answer is no JSON", thrown);
  }
  const [result] = parsed.results ?? [];
  if (result?.error !== undefined) {
    throw new CodedError({ code: "STORE_FAILED", message: `InfluxDB: ${result.error}` });
  }
  return result?.series ?? [];
}
