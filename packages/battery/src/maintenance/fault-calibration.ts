import type { FaultCalibration } from "./fault-model.ts";

/** Made by: voltfog train maintenance. */
export const faultCalibration: FaultCalibration = {
  version: 1,
  fleet: {
    lowCell: {
      median: 0.009162,
      scale: 0.002973,
    },
    highCell: {
      median: 0.001948,
      scale: 0.0015,
    },
    loadSpread_V: {
      median: 0.01166,
      scale: 0.006028,
    },
    temperatureSpread_K: {
      median: 1.318,
      scale: 0.2,
    },
    resistance: {
      median: 1.149,
      scale: 0.115,
    },
    leak: {
      median: -0.000001468,
      scale: 0.00003,
    },
  },
  weights: [
    -0.1519403, -0.1142061, 0.02990499, -0.2104493, 0.1152995, 0.3259137, -0.05804464, 0.0494299,
    0.2727105, 0.2294922, 0.03632806, -0.3293343, 0.635312, 0.6034974, -0.002628726, -0.2809435,
  ],
  middle: [
    0.2618113, -0.02208786, 0.3081104, -0.04038888, 0.5097092, 0.08772795, 0.03654094, -0.01859211,
    0.03845954, 0.0004032228, 0.08964497, 0.03055166, 1.239982, 0.5544772, 2.525354, 0.1360893,
  ],
  scale: [
    0.9744303, 0.8842757, 0.9874665, 0.4237053, 1.093305, 0.7524306, 0.6079597, 0.5346054,
    0.6723318, 0.09437887, 0.1985076, 0.7818262, 0.9194485, 0.6197123, 1.046159, 0.06539152,
  ],
  bias: -4.686581,
  steps: [
    {
      score: -7.089388,
      failed: 0,
      days: 497,
      vehicles: 128,
      failedVehicles: 0,
    },
    {
      score: -6.045348,
      failed: 2,
      days: 426,
      vehicles: 149,
      failedVehicles: 2,
    },
    {
      score: -5.927607,
      failed: 102,
      days: 14484,
      vehicles: 292,
      failedVehicles: 18,
    },
    {
      score: -4.837827,
      failed: 91,
      days: 11502,
      vehicles: 300,
      failedVehicles: 26,
    },
    {
      score: -3.384865,
      failed: 5,
      days: 497,
      vehicles: 133,
      failedVehicles: 5,
    },
    {
      score: -3.073162,
      failed: 3,
      days: 142,
      vehicles: 64,
      failedVehicles: 2,
    },
    {
      score: -2.921115,
      failed: 2,
      days: 71,
      vehicles: 43,
      failedVehicles: 1,
    },
    {
      score: -2.810591,
      failed: 7,
      days: 142,
      vehicles: 65,
      failedVehicles: 5,
    },
    {
      score: -2.536788,
      failed: 6,
      days: 71,
      vehicles: 39,
      failedVehicles: 6,
    },
    {
      score: -2.294134,
      failed: 8,
      days: 71,
      vehicles: 40,
      failedVehicles: 6,
    },
    {
      score: -1.879798,
      failed: 111,
      days: 355,
      vehicles: 57,
      failedVehicles: 31,
    },
    {
      score: -0.3266552,
      failed: 57,
      days: 142,
      vehicles: 41,
      failedVehicles: 26,
    },
    {
      score: 0.3095166,
      failed: 83,
      days: 142,
      vehicles: 41,
      failedVehicles: 30,
    },
    {
      score: 1.126087,
      failed: 165,
      days: 205,
      vehicles: 35,
      failedVehicles: 34,
    },
  ],
};
