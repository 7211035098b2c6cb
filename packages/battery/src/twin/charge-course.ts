import { rateAtMargin } from "../charging/anode-margin.ts";
import { temperatureShare } from "../charging/temperature-derating.ts";
import { cellVoltageAtRest_V } from "../simulation/simulated-cell.ts";
import type {
  ChargeCourse,
  ChargePlan,
  ChargeStart,
  ForecastEnd,
  ForecastLimit,
} from "./charge-question.ts";
import { CoolantString } from "./coolant-string.ts";

const step_s = 10;
const longest_s = 48 * 3600;
const reference_K = 298.15;
const zero_K = 273.15;
/** The rules of ChargingControl: steps of current, taper, anode margin, room below the end voltage. */
const stepRate = 0.05;
const taperRate = 0.05;
const plating_V = 0.016;
const voltageRoom_V = 0.003;

interface Allowed {
  readonly rate: number;
  readonly limit: ForecastLimit;
}

/**
 * Follows a charge in steps of 10 s: one circuit for the mean cell, its end of charge by the fullest cell,
 * temperatures by four stretches of the coolant's way. Total for finite input; never NaN.
 * Cost: about 1 µs a step, at most 17,280 steps.
 */
export function chargeCourse(start: ChargeStart, plan: ChargePlan): ChargeCourse {
  return new Course(start, plan).run();
}

class Course {
  readonly #start: ChargeStart;
  readonly #plan: ChargePlan;
  readonly #string: CoolantString;
  readonly #held = new Map<ForecastLimit, number>();
  #soc: number;
  #fast = 0;
  #slow = 0;
  #stoppedBy: ForecastLimit | undefined;
  #isHeating: boolean;
  #energy_Wh = 0;
  #heating_Wh = 0;
  #sum_V = 0;
  #sum_degC = 0;
  #steps = 0;

  constructor(start: ChargeStart, plan: ChargePlan) {
    this.#start = start;
    this.#plan = plan;
    this.#soc = start.soc;
    this.#isHeating = plan.isPreconditioned;
    this.#string = new CoolantString(start);
  }

  run(): ChargeCourse {
    let [coldest_degC, hottest_degC] = [this.#string.coldest_degC, this.#string.hottest_degC];
    let end: ForecastEnd = "too-long";
    let partial_s = 0;
    while (this.#steps * step_s < longest_s) {
      if (this.#soc >= this.#plan.targetSoc) {
        end = "reached";
        break;
      }
      const { rate, limit } = this.#allowed();
      this.#held.set(limit, (this.#held.get(limit) ?? 0) + 1);
      if (this.#isStopped({ rate, limit })) {
        end = "stopped";
        this.#stoppedBy = limit;
        break;
      }
      partial_s = this.#advance(rate);
      coldest_degC = Math.min(coldest_degC, this.#string.coldest_degC);
      hottest_degC = Math.max(hottest_degC, this.#string.hottest_degC);
    }
    const steps = Math.max(1, this.#steps);
    return {
      end,
      duration_s: this.#steps * step_s - partial_s,
      endSoc: Math.min(this.#soc, Math.max(this.#plan.targetSoc, this.#start.soc)),
      coldest_degC,
      hottest_degC,
      end_degC: this.#string.mean_degC,
      energy_Wh: this.#energy_Wh,
      heating_Wh: this.#heating_Wh,
      meanVoltage_V: this.#steps === 0 ? this.#rest_V() : this.#sum_V / steps,
      mean_degC: this.#steps === 0 ? this.#string.mean_degC : this.#sum_degC / steps,
      limit: this.#stoppedBy ?? this.#longestLimit(),
    };
  }

  /** Below the taper nothing more comes; below freezing only what still warms the pack is worth waiting for. */
  #isStopped({ rate, limit }: Allowed): boolean {
    if (limit === "voltage") return rate < taperRate;
    if (rate > 0 || this.#isHeating) return false;
    return !this.#warms();
  }

  /** Whether the coolant alone brings the pack to where it may be charged. */
  #warms(): boolean {
    const { ambient_degC } = this.#plan;
    const { coldest_K, hottest_K } = this.#start;
    const share = Math.min(
      temperatureShare(ambient_degC + coldest_K),
      temperatureShare(ambient_degC + hottest_K),
    );
    return share >= stepRate && !this.#string.isSettledAt(ambient_degC);
  }

  #advance(rate: number): number {
    const { cell, capacity_Ah, cells, capacityFactor } = this.#start;
    const share = (time_s: number): number => 1 - Math.exp(-step_s / time_s);
    this.#fast += share(cell.fastTime_s) * (rate - this.#fast);
    this.#slow += share(cell.slowTime_s) * (rate - this.#slow);
    const moved = (rate * step_s) / 3600 / capacityFactor;
    this.#soc += moved;
    const perRate =
      this.#factor(this.#string.mean_degC) *
      (cell.ohmicPerRate * rate + cell.fastPerRate * this.#fast + cell.slowPerRate * this.#slow);
    const current_A = rate * capacity_Ah;
    const kelvin = this.#string.mean_degC + zero_K;
    const heat_W = perRate * current_A + current_A * kelvin * cell.entropyPerKelvin;
    const cell_V = this.#rest_V() + perRate;
    this.#energy_Wh += (cells * cell_V * current_A * step_s) / 3600;
    this.#heat(heat_W);
    this.#sum_V += cell_V;
    this.#sum_degC += this.#string.mean_degC;
    this.#steps++;
    // The target is passed inside the step.
    const over = this.#soc - this.#plan.targetSoc;
    return over > 0 && moved > 0 ? (over / moved) * step_s : 0;
  }

  #heat(heat_W: number): void {
    const { ambient_degC } = this.#plan;
    const { coldest_degC } = this.#string;
    if (coldest_degC >= heatedTo_degC) this.#isHeating = false;
    else if (coldest_degC < heatedFrom_degC) this.#isHeating = this.#plan.isPreconditioned;
    const inlet_degC = ambient_degC + (this.#isHeating ? heaterRise_K : 0);
    const taken_W = this.#string.step({ heat_W, inlet_degC, step_s });
    if (this.#isHeating) this.#heating_Wh += (Math.max(0, -taken_W) * step_s) / 3600;
  }

  #allowed(): Allowed {
    const { capacity_Ah, cells, cell } = this.#start;
    const { charger_kW, currentMax_A, pattern } = this.#plan;
    const pack = currentMax_A / capacity_Ah;
    const pack_V = cells * (this.#rest_V() + this.#relaxing_V());
    const ohmic_V = cells * cell.ohmicPerRate * this.#factor(this.#string.mean_degC);
    // P = (V + r·R)·r·Q, solved for r.
    const wanted = (charger_kW * 1000) / capacity_Ah;
    const charger = (2 * wanted) / (pack_V + Math.sqrt(pack_V ** 2 + 4 * ohmic_V * wanted));
    const limits: readonly Allowed[] = [
      { rate: charger, limit: "charger" },
      { rate: pack, limit: "pack" },
      { rate: this.#byVoltage(), limit: "voltage" },
      ...(pattern === "guarded" ? this.#guards(pack) : []),
    ];
    return limits.reduce((a, b) => (b.rate < a.rate ? b : a));
  }

  #guards(pack: number): readonly Allowed[] {
    const { cell, resistanceFactor } = this.#start;
    const coldest_degC = this.#string.coldest_degC + this.#start.coldest_K;
    const hottest_degC = this.#string.hottest_degC + this.#start.hottest_K;
    const warmth = Math.min(temperatureShare(coldest_degC), temperatureShare(hottest_degC));
    const plating = rateAtMargin({
      cell: {
        resistancePerRate: cell.ohmicPerRate + cell.fastPerRate + cell.slowPerRate,
        arrhenius_K: cell.arrhenius_K,
      },
      soc: this.#soc,
      cell_degC: coldest_degC,
      margin_V: plating_V,
    });
    return [
      { rate: inSteps(pack * warmth), limit: "temperature" },
      { rate: inSteps(plating), limit: "plating" },
      { rate: inSteps(pack * Math.min(1, 1 / resistanceFactor)), limit: "wear" },
    ];
  }

  /** The rate at which the fullest cell stands at its end, its slow voltages being what they are. */
  #byVoltage(): number {
    const { cell, fullestSoc, soc } = this.#start;
    const rest_V = cellVoltageAtRest_V(cell.ocv_V, this.#soc + fullestSoc - soc);
    const room_V =
      cell.chargeEnd_V - voltageRoom_V - rest_V - cell.hysteresis_V - this.#relaxing_V();
    return Math.max(0, room_V / (cell.ohmicPerRate * this.#factor(this.#string.coldest_degC)));
  }

  #rest_V(): number {
    const { cell } = this.#start;
    return cellVoltageAtRest_V(cell.ocv_V, this.#soc) + cell.hysteresis_V;
  }

  #relaxing_V(): number {
    const { cell } = this.#start;
    return (
      this.#factor(this.#string.mean_degC) *
      (cell.fastPerRate * this.#fast + cell.slowPerRate * this.#slow)
    );
  }

  #factor(cell_degC: number): number {
    const { cell, resistanceFactor } = this.#start;
    const warmth = 1 / (cell_degC + zero_K) - 1 / reference_K;
    return resistanceFactor * Math.exp(cell.arrhenius_K * warmth);
  }

  #longestLimit(): ForecastLimit {
    let [longest, most]: [ForecastLimit, number] = ["charger", 0];
    for (const [limit, steps] of this.#held) if (steps > most) [longest, most] = [limit, steps];
    return longest;
  }
}

/** As the simulator's heater does. */
const heaterRise_K = 20;
const heatedFrom_degC = 10;
const heatedTo_degC = 15;

function inSteps(rate: number): number {
  return Math.floor(rate / stepRate + 1e-9) * stepRate;
}
