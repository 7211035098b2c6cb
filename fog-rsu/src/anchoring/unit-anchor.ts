/** Makes a unit's log and events final on a ledger, whichever that is. */
export interface UnitAnchor {
  start(): void;
  stop(): Promise<void>;
  /** The log grew or an event was recorded. */
  nudge(): void;
  /** Entries below this index are final. */
  readonly finalSize: number;
  /** Highest block seen. */
  readonly height: number;
  readonly state: "following" | "unreachable";
}
