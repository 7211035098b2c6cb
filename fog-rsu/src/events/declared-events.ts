import {
  type AlarmClass,
  type AlarmPayload,
  alarmClasses,
  type GapPayload,
} from "@voltfog/messages";
import type { FrameReference } from "../functions/network-function.ts";
import type { DurableFrame } from "../log/durable-frame.ts";
import type { RecordedEvent } from "./event-record.ts";
import type { EventFinding } from "./event-register.ts";

/** The unit's own part, which no assignment takes away: what vehicles say themselves becomes events. */
const functionId = "intake";
const functionVersion = "1.0.0";

/** A vehicle that says nothing of an alarm for so long, by its own samples, has it no longer. */
const silence_ms = 60_000;

const units: Readonly<Record<AlarmClass, string>> = {
  "cell-over-voltage": "V",
  "cell-under-voltage": "V",
  "over-temperature": "degC",
  "under-temperature": "degC",
  "temperature-rise": "degC/s",
  "over-current": "A",
};

/** Finds events in what vehicles declare: alarms with assert and clear, and gaps. */
export class DeclaredEvents {
  readonly #standing = new Map<string, Map<string, AlarmPayload>>();

  /** Takes up what an earlier life of the unit recorded; call for each event in order. */
  restore({ event, condition }: RecordedEvent): void {
    if (event.class !== "vehicle-alarm") return;
    const alarm = alarmClasses.find((name) => name === condition);
    if (alarm === undefined || event.state === "cleared") {
      this.#standing.get(event.vehicleId)?.delete(condition);
      return;
    }
    const { origin, level, value, limit, at_ms } = event;
    const cell = event.cell ?? 0;
    this.#stand(event.vehicleId, {
      type: "alarm",
      origin,
      alarm,
      level,
      cell,
      value,
      limit,
      wall_ms: at_ms,
    });
  }

  /** What one durable frame declares, in order. */
  findingsIn({ vehicleId, payload, reference: frame }: DurableFrame): readonly EventFinding[] {
    switch (payload.type) {
      case "gap":
        return [gapFinding({ vehicleId, gap: payload, frame })];
      case "alarm":
        return [this.#alarmFinding({ vehicleId, alarm: payload, frame })];
      case "telemetry":
        return this.#overSince({ vehicleId, frame, at_ms: payload.samples.at(-1)?.wall_ms ?? 0 });
    }
  }

  #alarmFinding(options: {
    vehicleId: string;
    alarm: AlarmPayload;
    frame: FrameReference;
  }): EventFinding {
    const { vehicleId, alarm, frame } = options;
    this.#stand(vehicleId, alarm);
    return alarmEvent({ vehicleId, alarm, frame, at_ms: alarm.wall_ms, state: "asserted" });
  }

  #stand(vehicleId: string, alarm: AlarmPayload): void {
    const standing = this.#standing.get(vehicleId) ?? new Map<string, AlarmPayload>();
    standing.set(alarm.alarm, alarm);
    this.#standing.set(vehicleId, standing);
  }

  #overSince(now: {
    vehicleId: string;
    frame: FrameReference;
    at_ms: number;
  }): readonly EventFinding[] {
    const standing = this.#standing.get(now.vehicleId);
    if (standing === undefined) return [];
    const over: EventFinding[] = [];
    for (const [name, alarm] of standing) {
      if (now.at_ms - alarm.wall_ms < silence_ms) continue;
      standing.delete(name);
      over.push(alarmEvent({ ...now, alarm, state: "cleared" }));
    }
    if (standing.size === 0) this.#standing.delete(now.vehicleId);
    return over;
  }
}

function alarmEvent(options: {
  vehicleId: string;
  alarm: AlarmPayload;
  frame: FrameReference;
  at_ms: number;
  state: "asserted" | "cleared";
}): EventFinding {
  const { vehicleId, alarm, frame, at_ms, state } = options;
  const unit = units[alarm.alarm];
  const what = `${vehicleId} itself reports ${alarm.alarm}`;
  const places: Readonly<Record<string, string>> = { V: `cell ${alarm.cell + 1}`, A: "pack" };
  const place = places[unit] ?? `sensor ${alarm.cell + 1}`;
  const shown = unit.replace("degC", "°C");
  const numbers = `${place} at ${alarm.value} ${shown}, limit ${alarm.limit} ${shown}`;
  return {
    functionId,
    functionVersion,
    vehicleId,
    frame,
    at_ms,
    condition: alarm.alarm,
    class: "vehicle-alarm",
    state,
    level: alarm.level,
    standing: state === "asserted" ? alarm.level : 0,
    cell: alarm.cell,
    value: alarm.value,
    limit: alarm.limit,
    unit,
    sentence:
      state === "asserted"
        ? `${what}, level ${alarm.level}: ${numbers}`
        : `${what} no longer: nothing for ${silence_ms / 1000} s`,
  };
}

function gapFinding(options: {
  vehicleId: string;
  gap: GapPayload;
  frame: FrameReference;
}): EventFinding {
  const { vehicleId, gap, frame } = options;
  return {
    functionId,
    functionVersion,
    vehicleId,
    frame,
    at_ms: gap.to_ms,
    // Each gap is a condition of its own, said once and over with that.
    condition: `gap ${frame.stream} ${frame.sequence}`,
    class: "gap-declared",
    state: "asserted",
    level: 1,
    standing: 0,
    cell: null,
    value: gap.samples,
    limit: 0,
    unit: "samples",
    sentence: `${vehicleId} declares ${gap.samples} samples lost: ${gap.cause}`,
  };
}
