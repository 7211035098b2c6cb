import type { UpTopic } from "@voltfog/messages";
import { CodedError, type Logger } from "@voltfog/runtime";
import type { OpenSession, UplinkSession, UplinkTarget } from "./uplink-session.ts";
import { parseTargets } from "./uplink-target.ts";

/**
 * Where each unit takes alarms: as listed for it, else on the port that units have in common; undefined
 * where neither is known. CONFIG_INVALID.
 */
export function urgentTargets(settings: {
  readonly urgentUnits: readonly string[];
  /** 0: none. */
  readonly urgentPort: number;
}): (target: UplinkTarget) => UplinkTarget | undefined {
  const { urgentPort: port } = settings;
  const listed = new Map(
    parseTargets(settings.urgentUnits, "urgentUnits").map((one) => [one.unitId, one]),
  );
  return (target) => listed.get(target.unitId) ?? (port === 0 ? undefined : { ...target, port });
}

/**
 * Sessions of two connections: alarms go over one of their own, to a port of their own, so that a queue on
 * the way can let them pass what fills the link. A unit without such a port gets all over one.
 */
export function splitSessions(options: {
  urgentOf: ReturnType<typeof urgentTargets>;
  openMain: OpenSession;
  openUrgent: OpenSession;
  logger: Logger;
}): OpenSession {
  const { urgentOf, openMain, openUrgent, logger } = options;
  return async (asked) => {
    const main = await openMain(asked);
    const target = urgentOf(asked.target);
    if (target === undefined) return main;
    try {
      return new SplitSession(main, await openUrgent({ ...asked, target }));
    } catch (thrown) {
      const { unitId } = asked.target;
      const code = thrown instanceof CodedError ? thrown.code : undefined;
      logger.warn("alarms go with the rest: no connection of their own", { unitId, code });
      return main;
    }
  };
}

/** Over as soon as one of its connections is. */
class SplitSession implements UplinkSession {
  readonly closed: Promise<string>;
  readonly #main: UplinkSession;
  readonly #urgent: UplinkSession;

  constructor(main: UplinkSession, urgent: UplinkSession) {
    this.#main = main;
    this.#urgent = urgent;
    this.closed = Promise.race([main.closed, urgent.closed]);
    void this.closed.then(() => this.close());
  }

  get target(): UplinkTarget {
    return this.#main.target;
  }

  get roundTrip_ms(): number | undefined {
    return this.#main.roundTrip_ms;
  }

  publish(topic: UpTopic, bytes: Uint8Array): Promise<boolean> {
    return (topic === "urgent" ? this.#urgent : this.#main).publish(topic, bytes);
  }

  async close(): Promise<void> {
    await Promise.all([this.#main.close(), this.#urgent.close()]);
  }
}
