/** A vehicle as its battery feels it. */
export interface Vehicle {
  readonly mass: number;
  /** Drag coefficient times frontal area, m². */
  readonly dragArea: number;
  readonly rolling: number;
  readonly auxiliary_W: number;
  /** Limits of drive and of regeneration at the battery. */
  readonly drivePowerMax_W: number;
  readonly regenerationMax_W: number;
}

const gravity = 9.81;
const airDensity = 1.2;
/** Wheels and motor turn with the car. */
const rotating = 1.05;
const driveEfficiency = 0.88;
const regenerationEfficiency = 0.65;
/** Cabin heating and cooling per degree away from 21 °C. */
const climatePerKelvin_W = 45;
const climateMax_W = 3000;

/** A family car for a pack of about 53 kWh; smaller packs sit in proportionally lighter cars. */
export function vehicleFor(pack: { energy_kWh: number }): Vehicle {
  const size = Math.min(1.3, Math.max(0.5, 0.4 + (0.6 * pack.energy_kWh) / 53));
  return {
    mass: 1800 * size,
    dragArea: 0.62 * Math.sqrt(size),
    rolling: 0.009,
    auxiliary_W: 350,
    drivePowerMax_W: Math.min(150_000, 2500 * pack.energy_kWh),
    regenerationMax_W: Math.min(60_000, 1000 * pack.energy_kWh),
  };
}

/** Power asked of the battery, positive when driving; speed in m/s, acceleration in m/s². */
export function batteryPower_W(o: {
  vehicle: Vehicle;
  speed: number;
  acceleration: number;
  ambient_degC: number;
}): number {
  const { vehicle, speed, acceleration } = o;
  const drag = 0.5 * airDensity * vehicle.dragArea * speed ** 2;
  const rolling = speed > 0.1 ? vehicle.mass * gravity * vehicle.rolling : 0;
  const wheel_W = (vehicle.mass * rotating * acceleration + drag + rolling) * speed;
  const moved_W =
    wheel_W >= 0
      ? Math.min(vehicle.drivePowerMax_W, wheel_W / driveEfficiency)
      : -Math.min(vehicle.regenerationMax_W, -wheel_W * regenerationEfficiency);
  const climate_W = Math.min(climateMax_W, climatePerKelvin_W * Math.abs(o.ambient_degC - 21));
  return moved_W + vehicle.auxiliary_W + climate_W;
}
