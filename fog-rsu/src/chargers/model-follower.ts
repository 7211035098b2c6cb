import { type ChargerDesk, ServedModel } from "@voltfog/forecasting";
import { CodedError, type Logger, messageOf } from "@voltfog/runtime";

/** Keeps the model in service that the registry names; a new one takes over between two snapshots. */
export class ModelFollower {
  readonly #o: { readonly registry: string; readonly network: string; readonly logger: Logger };
  #serving = "";
  #refused = "";

  constructor(o: { registry: string; network: string; logger: Logger }) {
    this.#o = o;
  }

  /** A model that cannot be opened is refused aloud, and what serves goes on. */
  async follow(desk: ChargerDesk): Promise<void> {
    const { registry, network, logger } = this.#o;
    if (registry === "") return;
    let hash = "";
    try {
      // Only a unit that follows chargers maps the runtime of models, which is large.
      const { currentModel, openModel } = await import("@voltfog/forecasting/node");
      const current = currentModel(registry, network);
      if (current === undefined || current.hash === this.#serving) return;
      hash = current.hash;
      await desk.serve(new ServedModel(await openModel(current.folder)));
      this.#serving = hash;
      logger.info("a model forecasts the chargers", { network, kind: current.kind, hash });
    } catch (thrown) {
      const code = thrown instanceof CodedError ? thrown.code : "MODEL_INVALID";
      desk.refuse(`the registered model is refused (${code})`);
      if (this.#refused !== hash || hash === "") {
        logger.error("the registered model is refused", { code, reason: messageOf(thrown) });
      }
      this.#refused = hash;
    }
  }
}
