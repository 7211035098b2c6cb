/** One reading of a pack in service. */
export interface ServiceReading {
  readonly wall_ms: number;
  readonly packVoltage_V: number;
  /** Charge is positive. */
  readonly packCurrent_A: number;
  readonly cellVoltage_mV: ArrayLike<number>;
  readonly temperature_degC: ArrayLike<number>;
}

/** What a pack went through between two readings that were recorded, and nothing else. */
export interface ServiceCounts {
  readonly readings: number;
  readonly charged_Ah: number;
  readonly discharged_Ah: number;
  readonly charged_Wh: number;
  readonly discharged_Wh: number;
  /** Time that the readings cover, and time between them that they do not. */
  readonly covered_h: number;
  readonly uncovered_h: number;
  readonly from_ms: number;
  readonly to_ms: number;
  /** Hottest sensor; NaN without one. */
  readonly hottest_degC: number;
  readonly hot_h: number;
  /** Greatest difference between two cells of one reading. */
  readonly cellSpread_mV: number;
}

/** Readings further apart are not joined by a line: what lay between is not known. */
const joinMax_ms = 10_000;
const hot_degC = 45;

/**
 * Counts charge, energy and time of readings in the order of their time. An older reading than the last
 * one counts as a reading only. Current is held from one reading to the next.
 */
export class ServiceCounter {
  #last: ServiceReading | undefined;
  #first_ms = Number.NaN;
  #readings = 0;
  #charged_Ah = 0;
  #discharged_Ah = 0;
  #charged_Wh = 0;
  #discharged_Wh = 0;
  #covered_h = 0;
  #uncovered_h = 0;
  #hot_h = 0;
  #hottest_degC = Number.NaN;
  #cellSpread_mV = 0;

  add(reading: ServiceReading): void {
    this.#readings++;
    const cells_mV = Array.from(reading.cellVoltage_mV);
    if (cells_mV.length > 0) {
      const spread_mV = Math.max(...cells_mV) - Math.min(...cells_mV);
      this.#cellSpread_mV = Math.max(this.#cellSpread_mV, spread_mV);
    }
    const hottest_degC = Math.max(...Array.from(reading.temperature_degC));
    if (Number.isFinite(hottest_degC) && !(this.#hottest_degC >= hottest_degC)) {
      this.#hottest_degC = hottest_degC;
    }
    const last = this.#last;
    if (last !== undefined && reading.wall_ms < last.wall_ms) return;
    if (last === undefined) this.#first_ms = reading.wall_ms;
    else this.#join(last, reading.wall_ms - last.wall_ms);
    this.#last = reading;
  }

  get counts(): ServiceCounts {
    return {
      readings: this.#readings,
      charged_Ah: this.#charged_Ah,
      discharged_Ah: this.#discharged_Ah,
      charged_Wh: this.#charged_Wh,
      discharged_Wh: this.#discharged_Wh,
      covered_h: this.#covered_h,
      uncovered_h: this.#uncovered_h,
      from_ms: this.#first_ms,
      to_ms: this.#last?.wall_ms ?? Number.NaN,
      hottest_degC: this.#hottest_degC,
      hot_h: this.#hot_h,
      cellSpread_mV: this.#cellSpread_mV,
    };
  }

  #join(last: ServiceReading, span_ms: number): void {
    const span_h = span_ms / 3_600_000;
    if (span_ms > joinMax_ms) {
      this.#uncovered_h += span_h;
      return;
    }
    this.#covered_h += span_h;
    if (Math.max(...Array.from(last.temperature_degC)) > hot_degC) this.#hot_h += span_h;
    const charge_Ah = Math.abs(last.packCurrent_A) * span_h;
    if (last.packCurrent_A > 0) {
      this.#charged_Ah += charge_Ah;
      this.#charged_Wh += charge_Ah * last.packVoltage_V;
    } else {
      this.#discharged_Ah += charge_Ah;
      this.#discharged_Wh += charge_Ah * last.packVoltage_V;
    }
  }
}
