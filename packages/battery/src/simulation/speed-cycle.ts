import type { Random } from "@voltfog/runtime";

type Road = "city" | "rural" | "motorway";

interface Section {
  /** Target speeds in m/s, least and most. */
  readonly speed: readonly [number, number];
  readonly hold_s: readonly [number, number];
  readonly stop_s: readonly [number, number];
  /** m/s². */
  readonly acceleration: readonly [number, number];
  readonly braking: readonly [number, number];
}

const sections: Readonly<Record<Road, Section>> = {
  city: {
    speed: [6, 14],
    hold_s: [8, 60],
    stop_s: [5, 40],
    acceleration: [0.8, 2],
    braking: [0.8, 2],
  },
  rural: {
    speed: [15, 25],
    hold_s: [40, 240],
    stop_s: [0, 15],
    acceleration: [0.7, 1.6],
    braking: [0.6, 1.6],
  },
  motorway: {
    speed: [25, 34],
    hold_s: [120, 600],
    stop_s: [0, 0],
    acceleration: [0.5, 1.2],
    braking: [0.4, 1],
  },
};

/**
 * A synthetic drive at 1 Hz: accelerate, hold with a little unrest, brake, stand, on a mix of roads. It
 * is none of the certified cycles, and is labelled "synthetic" wherever it is used.
 */
export class SyntheticSpeed {
  readonly #random: Random;
  readonly #mix: readonly [number, number];
  #speed = 0;
  #target = 0;
  #rate = 1;
  #left_s = 0;
  #stands = true;
  #section: Section = sections.city;

  /** The shares of city and of rural driving; the rest is motorway. */
  constructor(options: { random: Random; city: number; rural: number }) {
    this.#random = options.random;
    this.#mix = [options.city, options.rural];
  }

  /** Speed in m/s and mean acceleration over the next second. */
  next(): { speed: number; acceleration: number } {
    const before = this.#speed;
    const isThere = Math.abs(this.#speed - this.#target) < 0.01;
    if (isThere && this.#left_s <= 0) this.#choose();
    if (Math.abs(this.#speed - this.#target) < 0.01) this.#left_s--;
    const way = this.#target - this.#speed;
    this.#speed += Math.sign(way) * Math.min(Math.abs(way), this.#rate);
    const unrest = this.#speed > 3 && way === 0 ? 0.3 * (this.#random.uniform() - 0.5) : 0;
    return { speed: this.#speed, acceleration: this.#speed - before + unrest };
  }

  #choose(): void {
    const random = this.#random;
    const between = ([least, most]: readonly [number, number]): number =>
      least + random.uniform() * (most - least);
    if (this.#stands) {
      this.#section = sections[this.#road()];
      this.#target = between(this.#section.speed);
      this.#rate = between(this.#section.acceleration);
      this.#left_s = between(this.#section.hold_s);
      this.#stands = false;
      return;
    }
    // Roads change only where the vehicle stands or slows right down.
    this.#target = 0;
    this.#rate = between(this.#section.braking);
    this.#left_s = between(this.#section.stop_s);
    this.#stands = true;
  }

  #road(): Road {
    const [city, rural] = this.#mix;
    const choice = this.#random.uniform();
    if (choice < city) return "city";
    return choice < city + rural ? "rural" : "motorway";
  }
}
