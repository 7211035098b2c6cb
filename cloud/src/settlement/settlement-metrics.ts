import type { SettlementExportView } from "@voltfog/messages";
import { Gauge, type Registry } from "prom-client";

/** Figures of the export, read when someone asks. */
export function observeSettlement(registry: Registry, view: () => SettlementExportView): void {
  const registers = [registry];
  const figures = [
    {
      name: "voltfog_cloud_settlement_rows",
      help: "Settled rows in the operators' database",
      value: ({ rows }: SettlementExportView) => rows,
    },
    {
      name: "voltfog_cloud_settlement_waiting",
      help: "Settled rows that the operators' database has not got yet",
      value: ({ waiting }: SettlementExportView) => waiting,
    },
    {
      name: "voltfog_cloud_settlement_unacknowledged",
      help: "Exported orders whose acknowledgement is not final yet",
      value: ({ unacknowledged }: SettlementExportView) => unacknowledged,
    },
    {
      name: "voltfog_cloud_settlement_failing",
      help: "1 while the operators' database cannot be written",
      value: ({ state }: SettlementExportView) => (state === "failing" ? 1 : 0),
    },
  ];
  for (const { name, help, value } of figures) {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value(view()));
      },
    });
  }
}
