export {
  type AlarmChange,
  type AlarmInput,
  AlarmMachine,
  type AlarmRules,
} from "./alarm-machine.ts";
export {
  type Anomaly,
  type AnomalyCause,
  AnomalyDetector,
  type AnomalyDetectorOptions,
} from "./anomaly/anomaly-detector.ts";
export type { VehicleState } from "./anomaly/line-watch.ts";
export {
  type BalancingRule,
  foxBms10,
  foxBmsDefault,
  libreSolar,
  VoltageRule,
  type VoltageRuleOptions,
} from "./balancing/balancing-rule.ts";
export { ChargeLedger, type ChargeLedgerOptions } from "./balancing/charge-ledger.ts";
export { a123Parameters } from "./cell/a123-26650.ts";
export type { CellParameters, FilterTuning, FitProvenance } from "./cell/cell-parameters.ts";
export { CellGrid } from "./cell/cell-slice.ts";
export { lgHg2Parameters } from "./cell/lg-hg2.ts";
export { leafParameters } from "./cell/nissan-leaf.ts";
export { anodeMargin_V } from "./charging/anode-margin.ts";
export {
  type ChargeDecision,
  type ChargeLimit,
  ChargingControl,
  type ChargingControlOptions,
} from "./charging/charging-control.ts";
export { PlainCharge } from "./charging/plain-charge.ts";
export { CoulombCounter, type CoulombCounterOptions } from "./coulomb-counter.ts";
export {
  type CapacityEstimate,
  CapacityFilter,
  type CapacityStretch,
} from "./estimation/capacity-filter.ts";
export {
  CellFilterBank,
  type CellFilterOptions,
  type CellFilterStep,
} from "./estimation/cell-filter.ts";
export { KalmanSocEstimator } from "./estimation/kalman-soc-estimator.ts";
export { ChargeHistory, chargeHistoryNames, chargeStatistics } from "./health/charge-history.ts";
export { conformalRadius } from "./health/conformal-radius.ts";
export { type EarlyLife, earlyLifeFeatures, earlyLifeNames } from "./health/early-life.ts";
export { pulseFeatureNames, pulseFeatures, pulseVoltages } from "./health/pulse-features.ts";
export { cellCapacity_Ah, openCircuitVoltage_V, restingSoc } from "./lg-hg2-cell.ts";
export { type Attribution, attributionOf } from "./maintenance/attribution.ts";
export type {
  CapacityLook,
  CarriedState,
  DailyIndicators,
  EstimatorId,
  Interval90,
  LifeTrend,
  PackSigns,
} from "./maintenance/daily-indicators.ts";
export {
  type DayReadings,
  type DeclaredGap,
  dayOf,
  type PackDescription,
} from "./maintenance/day-readings.ts";
export {
  type FaultCosts,
  type RankedVehicle,
  rankByExpectedCost,
} from "./maintenance/expected-cost.ts";
export type { FaultCalibration, FleetReference, SignReference } from "./maintenance/fault-model.ts";
export {
  faultFeatureNames,
  faultFeatures,
  faultHorizon_d,
  faultProbability,
  faultReason,
  faultScore,
} from "./maintenance/fault-risk.ts";
export {
  fleetReference,
  usualFleet,
} from "./maintenance/fleet-reference.ts";
export {
  type IndicatorOptions,
  indicatorsOf,
  nothingCarried,
} from "./maintenance/indicators-of.ts";
export { trendAt } from "./maintenance/life-trend.ts";
export { daysUntilShare, type LifePlace } from "./maintenance/remaining-life.ts";
export {
  type DurabilityLimit,
  euro7Cars,
  euro7Vans,
  type Warranty,
  type WarrantyPlace,
  type WarrantyStatus,
  warrantyOf,
} from "./maintenance/warranty.ts";
export {
  type Depot,
  planGreedily,
  planWork,
  type WorkPlan,
  type WorkRequest,
  type WorkSlot,
} from "./maintenance/work-plan.ts";
export { alarmRules, type PackAlarmChange, PackAlarms } from "./pack-alarms.ts";
export type { PackSample } from "./pack-sample.ts";
export {
  PlausibilityCheck,
  type PlausibilityCode,
  type PlausibilityProblem,
  type PlausibleRange,
  plausibility,
  plausibleRange,
} from "./plausibility.ts";
export {
  type LevelLimits,
  lgHg2Cell,
  nmcPack,
  type SafeOperatingArea,
  type SafetyClass,
  type SafetyLevel,
  safetyClasses,
  scaledToPack,
} from "./safe-operating-area.ts";
export { levelOf, type SafetyReading, safetyReadings, safetyUnit } from "./safety-reading.ts";
export { type SpreadSize, usualSpread } from "./simulation/cell-spread.ts";
export { DriveCurrent } from "./simulation/drive-current.ts";
export type { Fault, FaultKind, FaultySensor } from "./simulation/fault.ts";
export {
  decodeFaultFile,
  type FaultBounds,
  type FaultFileCode,
  type FaultFileProblem,
  type VehicleFault,
} from "./simulation/fault-file.ts";
export {
  type DayTruth,
  type FleetHistoryOptions,
  fleetHistory,
  type HistoryDay,
  type HistoryEnd,
  type HistoryVehicle,
  historyStart_ms,
  historyVehicle,
} from "./simulation/fleet-history/fleet-history.ts";
export type { HistoryFault, HistoryFaultKind } from "./simulation/fleet-history/history-faults.ts";
export type { UsageKind } from "./simulation/fleet-history/history-vehicle.ts";
export { type CellReading, PackModel, type PackModelOptions } from "./simulation/pack-model.ts";
export {
  type PackPreset,
  type PackPresetId,
  packPresets,
} from "./simulation/pack-preset.ts";
export { PackSimulator, type PackSimulatorOptions } from "./simulation/pack-simulator.ts";
export type { SimulatedCell } from "./simulation/simulated-cell.ts";
export {
  type SampleSteps,
  type VehicleMode,
  type VehicleOptions,
  type VehicleReading,
  VehicleSimulator,
} from "./simulation/vehicle-simulator.ts";
export {
  NoSocEstimator,
  type SocEstimate,
  type SocEstimator,
  type SuspectCause,
} from "./soc-estimator.ts";
export { type TemperatureRise, TemperatureRiseMeter } from "./temperature-rise.ts";
export { PackThermalWatch, type ThermalSighting } from "./thermal/pack-thermal-watch.ts";
export {
  RunawayDetector,
  type ThermalReading,
  type ThermalRules,
  type ThermalSigns,
  type ThermalTier,
  type ThermalVerdict,
} from "./thermal/runaway-detector.ts";
export {
  TemperatureRegulator,
  type TemperatureRegulatorOptions,
  type ThermalRequest,
  usualThermalSystem,
} from "./thermal/temperature-regulator.ts";
export { thermalRules } from "./thermal/thermal-rules.ts";
export { CapacityTracker } from "./twin/capacity-tracker.ts";
export { type ChargeDoubt, type ChargeForecast, forecastCharge } from "./twin/charge-forecast.ts";
export type { ChargePattern, ChargePlan, ChargeStart } from "./twin/charge-question.ts";
export type { ForecastProblem } from "./twin/charge-ranges.ts";
export { type ControlSuggestion, controlSuggestions } from "./twin/control-suggestions.ts";
export { PackTwin, type PackTwinOptions } from "./twin/pack-twin.ts";
export { presetParameters } from "./twin/preset-parameters.ts";
export { chargeStart, twinStatus } from "./twin/read-twin.ts";
export { type ResidualPart, residualCourse } from "./twin/residual-course.ts";
export { twinState } from "./twin/save-twin.ts";
export { decodeTwinState, type TwinState } from "./twin/twin-state.ts";
export type { TwinStatus } from "./twin/twin-status.ts";
export { type PackGrade, packGrade } from "./value/pack-grade.ts";
export {
  bestTest,
  examplePrices,
  type Interval,
  type PackPrices,
  packValueInterval_EUR,
} from "./value/pack-value.ts";
export {
  ServiceCounter,
  type ServiceCounts,
  type ServiceReading,
} from "./value/service-counter.ts";
export { assumedLifeCycles, wearCost_EURperkWh } from "./value/wear-cost.ts";
