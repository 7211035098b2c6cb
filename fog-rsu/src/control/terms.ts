import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import {
  accepted,
  type Clock,
  identifierPattern,
  type Logger,
  messageOf,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";

const format = 1;
/** A term further above the highest one is no honest count: controllers take the highest and add one. */
const jumpMax = 1_000_000;

/** Who says something to a unit, and in which term. Term 0 is that of nobody: it holds while no controller was heard. */
export interface TermClaim {
  readonly term: number;
  readonly controllerId: string;
}

export interface TermProblem extends Problem {
  readonly code: "TERM_STALE" | "TERM_INVALID" | "TERM_NOT_KEPT";
  readonly detail: string;
  /** The highest term that this unit has obeyed. */
  readonly term: number;
}

/** The port by which everything that a controller changes here asks first. */
export interface TermGate {
  /** Accepted: the claim is that of the newest controller, and its term is on disk. */
  admit(claim: TermClaim): Outcome<TermClaim, TermProblem>;
}

/**
 * The highest term that this unit has obeyed, on disk before it is obeyed. A claim of a lower term, or of
 * the same one by another controller, is TERM_STALE; the first to claim a term has it. A file that cannot be
 * read is set aside and said: the leader's next heartbeat brings the term back.
 */
export class Terms implements TermGate {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #kept: TermClaim;
  readonly #started_ms: number;
  #heard: { monotonic_ms: number; wall_ms: number } | undefined;

  constructor(options: { dataDir: string; clock: Clock; logger: Logger }) {
    this.#path = join(options.dataDir, "control", "term.json");
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#started_ms = options.clock.monotonic_ms();
    this.#kept = this.#load();
  }

  admit(claim: TermClaim): Outcome<TermClaim, TermProblem> {
    const { term, controllerId } = this.#kept;
    if (claim.term === 0 && term === 0) return accepted(claim); // Nobody leads, and nobody is heard.
    if (claim.term < term || (claim.term === term && claim.controllerId !== controllerId)) {
      const detail = `term ${claim.term} of ${claim.controllerId} is over, ${controllerId} leads in term ${term}`;
      return refused({ code: "TERM_STALE", detail, term });
    }
    if (claim.term > term + jumpMax) {
      const detail = `term ${claim.term} is far above ${term}`;
      return refused({ code: "TERM_INVALID", detail, term });
    }
    if (claim.term > term) {
      try {
        this.#keep(claim);
      } catch (thrown) {
        const detail = `term ${claim.term} is not on disk: ${messageOf(thrown)}`;
        return refused({ code: "TERM_NOT_KEPT", detail, term });
      }
    }
    const clock = this.#clock;
    this.#heard = { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.wall_ms() };
    return accepted(claim);
  }

  get term(): number {
    return this.#kept.term;
  }

  /** The controller of the highest term; its silence counts from the unit's start where it was not heard since. Null before the first. */
  get leader(): {
    readonly id: string;
    readonly silent_ms: number;
    readonly lastHeard_ms: number | null;
  } | null {
    if (this.#kept.term === 0) return null;
    const since_ms = this.#heard?.monotonic_ms ?? this.#started_ms;
    return {
      id: this.#kept.controllerId,
      silent_ms: Math.round(this.#clock.monotonic_ms() - since_ms),
      lastHeard_ms: this.#heard?.wall_ms ?? null,
    };
  }

  #keep(claim: TermClaim): void {
    const { term, controllerId } = claim;
    replaceFileSync(this.#path, `${JSON.stringify({ format, term, controllerId })}\n`);
    this.#kept = { term, controllerId };
    this.#logger.info("controller leads", { controllerId, term });
  }

  #load(): TermClaim {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === "ENOENT") return noTerm;
      throw thrown;
    }
    const kept = parseTerm(text);
    if (kept !== undefined) return kept;
    renameSync(this.#path, `${this.#path}.damaged`);
    this.#logger.error("term file damaged", { setAside: `${this.#path}.damaged` });
    return noTerm;
  }
}

const noTerm: TermClaim = { term: 0, controllerId: "none" };
/** The term in the text of its file; undefined where it is anything else. */
export function parseTerm(text: string): TermClaim | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== "object" || content === null) return undefined;
  const kept = content as { format?: unknown; term?: unknown; controllerId?: unknown };
  const { term, controllerId } = kept;
  if (kept.format !== format || !Number.isSafeInteger(term) || Number(term) < 0) return undefined;
  if (typeof controllerId !== "string" || !identifierPattern.test(controllerId)) return undefined;
  return { term: Number(term), controllerId };
}
