import {
  type Facts,
  type Findings,
  type Goal,
  quantile,
  type ReportRow,
  reportRow,
  rounded,
} from "@voltfog/runtime";
import { type PageView, type Question, questions } from "./page-views.ts";

export interface StoreRun {
  readonly engine: "duckdb" | "influxdb";
  readonly version: string;
  /** Counted by the engine in its own query language. */
  readonly rows: number;
  readonly frames: number;
  readonly rowRates_Hz: readonly number[];
  readonly views: readonly PageView[];
  /** Where the samples are; with DuckDB, entries and signed frames too. */
  readonly seriesFolder_bytes: number;
  /** The DuckDB file, which holds entries and signed frames for both. */
  readonly storeFile_bytes: number;
}

const queryGoal: Goal = { sense: "at-most", goal: 100, moonshot: 30 };

export function storeFindings(o: {
  runs: readonly StoreRun[];
  load: number;
  fileSystem: string;
  vehicles: number;
  coldViews: number;
}): Findings {
  return {
    method: `Batches of 256 frames of 64 samples, as intake makes them, of ${o.vehicles} vehicles in turn at one sample a second, through TelemetryStore.commitEntries; a row is one sample, the rate is over the time of the commits alone (each durable; settling and roll-ups included) and over signed frames of 3,000 random bytes beside it. Then the store is closed, its files leave the page cache, it is opened again and the vehicle page is viewed: a vehicle, a range of the page (5 min, 1 h, 24 h, 30 d) and its end by chance; history with 300 points, cells, frames and events are asked at once, and a view is done with the last answer. The first ${o.coldViews} views are cold and count. The p95 is over all views; min and max are those of views. Bytes per sample of DuckDB are of its whole file with entries and frames; of InfluxDB of its folders alone, whose frames are in the DuckDB file too.`,
    inputs: {
      rows: Object.fromEntries(o.runs.map(({ engine, rows }) => [engine, rows])),
      vehicles: o.vehicles,
      fileSystem: o.fileSystem,
      loadAverageBefore: rounded(o.load),
      versions: Object.fromEntries(o.runs.map(({ engine, version }) => [engine, version])),
      goals: { "store.query_p95_ms": queryGoal },
    },
    rows: o.runs.flatMap(rowsOf),
    items: o.runs.flatMap((run) => itemsOf(run, o.coldViews)),
  };
}

function rowsOf(run: StoreRun): readonly ReportRow[] {
  const pages = run.views.map(({ took_ms }) => took_ms.page);
  const p95_ms = quantile(pages, 0.95);
  return [
    reportRow({
      metric: `store.rows_per_s.${run.engine}`,
      unit: "rows/s",
      values: run.rowRates_Hz,
    }),
    reportRow({
      metric: `store.bytes_per_sample.${run.engine}`,
      unit: "bytes",
      values: [run.seriesFolder_bytes / run.rows],
    }),
    {
      ...reportRow({
        metric: `store.query_p95_ms.${run.engine}`,
        unit: "ms",
        values: [p95_ms],
        goal: queryGoal,
      }),
      min: rounded(Math.min(...pages)),
      max: rounded(Math.max(...pages)),
      n: pages.length,
    },
  ];
}

function itemsOf(run: StoreRun, coldViews: number): readonly Facts[] {
  const stretches = {
    cold: run.views.slice(0, coldViews),
    warm: run.views.slice(coldViews),
  };
  const spans = [...new Set(run.views.map(({ span_ms }) => span_ms))].sort((a, b) => a - b);
  return [
    {
      engine: run.engine,
      rows: run.rows,
      frames: run.frames,
      seriesFolder_bytes: run.seriesFolder_bytes,
      storeFile_bytes: run.storeFile_bytes,
    },
    ...Object.entries(stretches).map(([stretch, views]) => ({
      engine: run.engine,
      stretch,
      views: views.length,
      ...timesOf(views),
    })),
    ...spans.map((span_ms) => {
      const views = run.views.filter((view) => view.span_ms === span_ms);
      return { engine: run.engine, span_ms, views: views.length, ...timesOf(views) };
    }),
  ];
}

function timesOf(views: readonly PageView[]): Facts {
  const of = (question: Question): Facts => {
    const times_ms = views.map(({ took_ms }) => took_ms[question]);
    return {
      p50_ms: rounded(quantile(times_ms, 0.5)),
      p95_ms: rounded(quantile(times_ms, 0.95)),
      max_ms: rounded(Math.max(...times_ms)),
    };
  };
  return Object.fromEntries(questions.map((question) => [question, of(question)]));
}
