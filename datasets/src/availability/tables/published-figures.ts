import type { ModelKind } from "@voltfog/forecasting";

/** Percent, as printed. */
export interface PublishedRow {
  readonly recall_pct: number;
  readonly precision_pct: number;
  readonly f1_pct: number;
}

/** D5.3, table 1 (Belib) and table 2 (Enefit VOLT): weighted averages over classes. */
export const publishedFigures: Readonly<
  Record<"belib" | "esb", Readonly<Partial<Record<ModelKind, PublishedRow>>>>
> = {
  belib: {
    ann: { recall_pct: 87.94, precision_pct: 89.46, f1_pct: 88.69 },
    knn: { recall_pct: 94.13, precision_pct: 94.1, f1_pct: 94.11 },
    lr: { recall_pct: 72.16, precision_pct: 66.65, f1_pct: 60.44 },
    rf: { recall_pct: 95.56, precision_pct: 95.54, f1_pct: 95.41 },
    svm: { recall_pct: 71.9, precision_pct: 66.41, f1_pct: 59.54 },
  },
  esb: {
    ann: { recall_pct: 95.74, precision_pct: 96.04, f1_pct: 95.89 },
    knn: { recall_pct: 94.19, precision_pct: 94.11, f1_pct: 94.15 },
    lr: { recall_pct: 96.63, precision_pct: 94.35, f1_pct: 94.81 },
    rf: { recall_pct: 96.02, precision_pct: 94.78, f1_pct: 95.17 },
    svm: { recall_pct: 96.32, precision_pct: 95.15, f1_pct: 95.75 },
  },
};
