import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import { expect, it } from "vitest";
import { ConsortiumUnderTest } from "./consortium-under-test.ts";
import { loadFigures } from "./load-figures.ts";
import type { SeenBlock, SentTransaction } from "./validator-messages.ts";

it("four validators make all that clients send final, and go on when the leader is killed", {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-"));
  const consortium = await ConsortiumUnderTest.start({
    ...{ n: 4, link: { mean_ms: 1, jitter_ms: 1 }, blockInterval_ms: 200, isDurable: true },
    ...{ folder, clock: systemClock },
  });
  try {
    await consortium.startLoad({ rate_Hz: 40, for_ms: 500 });
    const sent: SentTransaction[] = [];
    const seen: SeenBlock[] = [];
    const collect = async (): Promise<void> => {
      const more = await consortium.collect();
      sent.push(...more.sent);
      seen.push(...more.seen);
    };
    const included = (): number =>
      seen.reduce((sum, { transactions }) => sum + transactions.length, 0);
    while (included() < 20) await collect();
    const figures = loadFigures({ sent, refused: 0, seen });
    expect(figures).toMatchObject({ sent: 20, missing: 0 });
    await consortium.killLeader();
    await collect();
    const before = seen.at(-1)?.height ?? 0;
    while ((seen.at(-1)?.height ?? 0) < before + 2) await collect();
    const heights = seen.map(({ height }) => height);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
  } finally {
    await consortium.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
