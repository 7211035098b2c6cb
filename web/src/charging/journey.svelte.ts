import { ApiError, deleteAt, putJson } from "../api/client.ts";
import type { AdviceFeature, ChargerDetail } from "../api/shapes.ts";
import { type Chosen, chosenFrom } from "./chosen.ts";
import {
  type ChosenState,
  chosenState,
  type Notice,
  nextBest,
  noticeAfter,
  type PlugFilter,
} from "./chosen-watch.ts";
import { driverIdOf } from "./driver-id.ts";
import { type Position, positionOf } from "./position.ts";
import { tabMemory } from "./tab-memory.ts";

/** One driver's way to one charger. It outlives a reload, not the tab. */
class Journey {
  chosen: Chosen | undefined = $state.raw(chosenFrom(tabMemory.get("chosen")));
  /** How the chosen charger stood when it was last asked. */
  state: ChosenState | undefined = $state.raw(undefined);
  notice: Notice | undefined = $state.raw(undefined);
  problem: string | undefined = $state.raw(undefined);
  isBusy: boolean = $state(false);

  /** Goes to a charger: others see it as load from the arrival on. */
  async choose(charger: AdviceFeature, from: Position): Promise<void> {
    const { name, arrival_ms, free } = charger.properties;
    const chosen = { id: charger.id, name, position: positionOf(charger), from, arrival_ms, free };
    const isNew = this.chosen?.id !== chosen.id;
    await this.#tell(`${name} is watched, but others do not see that you come`, () =>
      putJson(`/v1/destinations/${driverId()}`, { charger: chosen.id, arrival_ms }),
    );
    this.chosen = chosen;
    tabMemory.set("chosen", JSON.stringify(chosen));
    if (!isNew) return;
    this.state = undefined;
    this.notice = undefined;
  }

  async cancel(): Promise<void> {
    await this.#tell("Others may see you as on the way until your arrival", () =>
      deleteAt(`/v1/destinations/${driverId()}`),
    );
    this.chosen = undefined;
    this.state = undefined;
    this.notice = undefined;
    tabMemory.set("chosen", undefined);
  }

  /** Takes what the chosen charger said now. */
  hear(
    detail: ChargerDetail,
    options: { filter: PlugFilter; list: readonly AdviceFeature[] },
  ): void {
    const { chosen } = this;
    if (chosen === undefined || detail.id !== chosen.id) return;
    const now = chosenState(detail, options.filter);
    this.notice = noticeAfter(this.notice, {
      name: chosen.name,
      before: this.state,
      now,
      instead: nextBest(options.list, chosen.id),
    });
    this.state = now;
  }

  dismiss(): void {
    this.notice = undefined;
  }

  async #tell(otherwise: string, request: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    this.problem = undefined;
    try {
      await request();
    } catch (thrown) {
      // A promise that ran out, or a cloud that was started anew, needs no cancelling.
      if (!(thrown instanceof ApiError)) throw thrown;
      if (thrown.code !== "DESTINATION_UNKNOWN") this.problem = `${otherwise}: ${thrown.message}`;
    } finally {
      this.isBusy = false;
    }
  }
}

let madeId: string | undefined;

function driverId(): string {
  madeId ??= tabMemory.get("driver") ?? driverIdOf(crypto.getRandomValues(new Uint8Array(22)));
  tabMemory.set("driver", madeId);
  return madeId;
}

export const journey: Journey = new Journey();
