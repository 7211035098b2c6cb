import { ByteWriter } from "@voltfog/runtime";
import { dataOrigins } from "../battery-sample.ts";
import { codeOf, shortText } from "../encodable.ts";
import type { TelemetryPayload } from "../payload.ts";
import { BitWriter } from "./bit-writer.ts";
import { cellMaxBits, startParameter, writeCells } from "./cell-code.ts";
import { CellPredictor } from "./cell-predictor.ts";
import { writeColumn } from "./column.ts";
import { writeTemperatures } from "./temperatures.ts";
import { inWholeSteps } from "./whole-steps.ts";

/**
 * About 45 bytes per sample of 96 cells and 24 temperatures in a full frame. Values are rounded to the
 * steps of BatterySample; NOT_ENCODABLE where one is out of range. Format: docs/specs/frame.md.
 */
export function encodeTelemetry(payload: TelemetryPayload): Uint8Array {
  const { samples } = payload;
  const steps = inWholeSteps(samples);
  const cells = samples[0]?.cellVoltage_mV.length ?? 0;
  const sensors = samples[0]?.temperature_degC.length ?? 0;
  const writer = new BitWriter(sizeMax_bytes({ samples: samples.length, cells, sensors }));
  writeColumn(writer, steps.monotonic);
  writeColumn(writer, steps.wallOffset);
  writeColumn(writer, steps.currentSteps);
  writeColumn(writer, steps.soc);
  writeColumn(writer, steps.mean);
  const predictor = new CellPredictor(cells);
  const codes = new Int32Array(cells);
  let lastParameter = startParameter;
  samples.forEach(({ cellVoltage_mV }, t) => {
    const mean_mV = steps.mean[t] as number;
    const sample = { cells: cellVoltage_mV, mean_mV, lastParameter };
    lastParameter = writeCells({ writer, predictor, codes, ...sample });
  });
  writeColumn(writer, steps.packVoltageSteps, steps.cellSum);
  writeTemperatures(writer, steps.temperatures, sensors);
  return new ByteWriter()
    .u8(codeOf(dataOrigins, payload.origin))
    .text(shortText("source", payload.source))
    .u8(samples.length)
    .u16(cells)
    .u16(sensors)
    .raw(writer.finish())
    .finish();
}

/** Six columns of at most 75 bits a value, cells of at most 33 and temperatures of at most 2 · 75. */
function sizeMax_bytes(shape: { samples: number; cells: number; sensors: number }): number {
  const sampleBits = 6 * 75 + 31 + shape.cells * cellMaxBits + shape.sensors * 150;
  return 256 + Math.ceil((shape.samples * sampleBits) / 8);
}
