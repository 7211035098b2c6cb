import type { RuleSource } from "./traffic-rules.ts";

/** Something that a driver leaves undone, and why. */
export interface Shortfall {
  readonly what: string;
  readonly why: string;
}

/**
 * The one way in which policies reach what carries traffic: the broker itself, the kernel's queues and
 * filters, a switch. Each driver puts in force what it can and says what it cannot.
 */
export interface TrafficDriver {
  readonly name: string;
  /** Resolves when all that this driver can do is in force, on connections that live, too. Never rejects. */
  apply(rules: RuleSource): Promise<void>;
  /** What of the rules in force this driver leaves undone; empty when nothing. */
  readonly cannot: readonly Shortfall[];
  /** Takes away what it put in place outside this process. */
  close(): Promise<void>;
}
