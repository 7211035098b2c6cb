import { systemClock } from "@voltfog/runtime/node";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import { batch, frameRow } from "./store-rows.ts";

const rowsPerBatch = 20;
const samplesPerFrame = 10;

/** Commits batch after batch from where the store is, and says so, until it is killed. */
async function commitForever(folder: string): Promise<never> {
  const store = await openDuckDbStore({ folder, memoryMax_bytes: 256e6, clock: systemClock });
  for (;;) {
    const { size } = await store.position("unit-1");
    const rows = Array.from({ length: rowsPerBatch }, (_, at) =>
      frameRow({ sequence: size + at + 1, samples: samplesPerFrame, logIndex: size + at }),
    );
    await store.commitEntries(batch({ from: size, rows }));
    process.stdout.write(`${size + rowsPerBatch}\n`);
  }
}

await commitForever(process.argv[2] ?? "");
