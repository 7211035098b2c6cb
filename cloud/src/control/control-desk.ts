import { type Clock, CodedError, messageOf, type Outcome, type Problem } from "@voltfog/runtime";
import { parseJson, recordOf, textOf } from "../live/json-value.ts";
import type { Remote, Reply } from "../remote/remote.ts";

/** Something that the controller is asked. */
export interface Question<T> {
  readonly path: string;
  /** What the answer is of, for messages. */
  readonly what: string;
  readonly decode: (value: unknown) => Outcome<T, Problem>;
}

/** How good an answer is: `code` and `message` say why it is not fresh. */
export interface Freshness {
  /** When the controller gave it. */
  readonly at_ms: number;
  readonly fresh: boolean;
  readonly code: string | null;
  readonly message: string | null;
}

export type Known<T> = T & { readonly answer: Freshness };

/** Why the controller's word is missing. */
export class ControlRefusal extends CodedError {
  readonly statusCode: number;

  constructor(options: { statusCode: number; code: string; message: string }) {
    super(options);
    this.statusCode = options.statusCode;
  }
}

interface Kept {
  readonly value: unknown;
  readonly at_ms: number;
}

interface Pending {
  readonly since_ms: number;
  readonly answer: Promise<unknown>;
  isSettled: boolean;
}

const timeout_ms = 5000;
const bodyMax_bytes = 64 * 1024 * 1024;
/** Everybody who asks within this time after a question shares its answer. */
const shared_ms = 500;
const postsMax = 2;

/**
 * Asks the controller for everybody who looks, each question at most twice a second, and keeps the last
 * good answer to each: while the controller is away that one is given, and says so.
 */
export class ControlDesk {
  readonly #controller: Remote | undefined;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #kept = new Map<string, Kept>();
  readonly #pending = new Map<string, Pending>();
  /** Of questions whose last try failed. */
  readonly #trouble = new Map<string, ControlRefusal>();
  #posts = 0;

  constructor(options: { controller: Remote | undefined; clock: Clock; signal: AbortSignal }) {
    this.#controller = options.controller;
    this.#clock = options.clock;
    this.#signal = options.signal;
  }

  /**
   * Throws ControlRefusal where nothing good was ever heard: NO_CONTROLLER, CONTROLLER_UNREACHABLE
   * (503), CONTROLLER_FAILED (502), NOT_OFFERED (404: this controller knows no such question).
   */
  async read<T extends object>(question: Question<T>): Promise<Known<T>> {
    const answer = this.#shared(question);
    const kept = this.#kept.get(question.path);
    const trouble = this.#trouble.get(question.path);
    if (kept !== undefined && trouble !== undefined) {
      // Nobody waits for a controller that was silent a moment ago; whether it answers, the next asker sees.
      answer.catch(() => {});
      return stale(kept, trouble);
    }
    try {
      const value = (await answer) as T;
      const at_ms = this.#kept.get(question.path)?.at_ms ?? this.#clock.wall_ms();
      return { ...value, answer: { at_ms, fresh: true, code: null, message: null } };
    } catch (thrown) {
      if (!(thrown instanceof ControlRefusal) || kept === undefined) throw thrown;
      return stale(kept, thrown);
    }
  }

  /** POST; not kept and not shared. DESK_BUSY (503) while two are on their way; 400 is the controller's own. */
  async ask<T extends object>(question: Question<T>, body: object): Promise<T> {
    if (this.#posts >= postsMax) {
      const message = "the controller is working on other questions; ask again in a moment";
      throw new ControlRefusal({ statusCode: 503, code: "DESK_BUSY", message });
    }
    this.#posts++;
    try {
      const remote = this.#remote();
      const json = JSON.stringify(body);
      return await this.#answer(question, (options) => remote.post(question.path, json, options));
    } finally {
      this.#posts--;
    }
  }

  #shared<T>(question: Question<T>): Promise<unknown> {
    const since_ms = this.#clock.monotonic_ms();
    const earlier = this.#pending.get(question.path);
    if (earlier !== undefined && (!earlier.isSettled || since_ms - earlier.since_ms < shared_ms)) {
      return earlier.answer;
    }
    const pending: Pending = { since_ms, answer: this.#fetch(question), isSettled: false };
    this.#pending.set(question.path, pending);
    const settle = (): void => {
      pending.isSettled = true;
    };
    pending.answer.then(settle, settle);
    return pending.answer;
  }

  async #fetch<T>(question: Question<T>): Promise<T> {
    const { path } = question;
    try {
      const remote = this.#remote();
      const value = await this.#answer(question, (options) => remote.get(path, options));
      this.#kept.set(path, { value, at_ms: this.#clock.wall_ms() });
      this.#trouble.delete(path);
      return value;
    } catch (thrown) {
      if (thrown instanceof ControlRefusal) this.#trouble.set(path, thrown);
      throw thrown;
    }
  }

  #remote(): Remote {
    if (this.#controller !== undefined) return this.#controller;
    const message = "this site has no controller";
    throw new ControlRefusal({ statusCode: 503, code: "NO_CONTROLLER", message });
  }

  async #answer<T>(
    question: Question<T>,
    send: (options: Parameters<Remote["get"]>[1]) => Promise<Reply>,
  ): Promise<T> {
    const reply = await send({ signal: this.#signal, timeout_ms, bodyMax_bytes }).catch(
      (thrown: unknown) => {
        if (!(thrown instanceof CodedError)) throw thrown;
        const message = `the controller does not answer: ${messageOf(thrown)}`;
        throw new ControlRefusal({ statusCode: 503, code: "CONTROLLER_UNREACHABLE", message });
      },
    );
    if (reply.status !== 200) throw refusalOf(question, reply);
    const decoded = question.decode(parseJson(reply.body));
    if (decoded.ok) return decoded.value;
    const { code, detail } = decoded.problem;
    const message = `the controller's ${question.what} cannot be read (${code}: ${detail ?? ""})`;
    throw new ControlRefusal({ statusCode: 502, code: "CONTROLLER_FAILED", message });
  }
}

function stale<T extends object>(kept: Kept, { code, message }: ControlRefusal): Known<T> {
  return { ...(kept.value as T), answer: { at_ms: kept.at_ms, fresh: false, code, message } };
}

function refusalOf<T>({ what }: Question<T>, reply: Reply): ControlRefusal {
  const body = recordOf(parseJson(reply.body));
  const said = textOf(body["message"]);
  if (reply.status === 404) {
    const message = `this site's controller gives no ${what}`;
    return new ControlRefusal({ statusCode: 404, code: "NOT_OFFERED", message });
  }
  if (reply.status === 400) {
    const code = textOf(body["code"]) || "INVALID_QUESTION";
    return new ControlRefusal({ statusCode: 400, code, message: said || "refused" });
  }
  const message = `the controller answers ${reply.status} without ${what}${said === "" ? "" : `: ${said}`}`;
  return new ControlRefusal({ statusCode: 502, code: "CONTROLLER_FAILED", message });
}
