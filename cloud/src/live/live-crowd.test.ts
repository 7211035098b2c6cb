import { expect, test } from "vitest";
import { liveCrowd } from "../testing/live-crowd.ts";

test("over real sockets, who reads gets everything, and who reads nothing is dropped and told why", async () => {
  const result = await liveCrowd({ readers: 60, stuck: 5 });
  expect(result).toMatchObject({ served: 60, dropped: 5, left: 60 });
  expect(result.waitingMax).toBeGreaterThan(0);
  expect(result.waitingMax).toBeLessThanOrEqual(64);
}, 60_000);
