/** What a session may ask for and how long its parties may wait; chosen here, stated in docs/specs/payments.md. */
export const sessionLimits = {
  /** More than the pack of any road vehicle holds. */
  energyMax_Wh: 1_000_000,
  /** From an authorisation to its time limit, and from a voucher's first reading to its last. */
  lifeMax_ms: 604_800_000,
  /** How far a charge point's clock may be off the chain's. */
  clockTolerance_ms: 60_000,
  /** After its time limit anyone may close a session that its charge point left open. */
  grace_ms: 86_400_000,
  /** A voucher is good for so long after its time limit: a charge point may be without a connection for weeks. */
  voucherLife_ms: 2_592_000_000,
  /** After its settlement a session may be disputed for so long. */
  disputeWindow_ms: 604_800_000,
} as const;
