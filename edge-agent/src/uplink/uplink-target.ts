import { CodedError, unitId } from "@voltfog/runtime";
import type { UplinkTarget } from "./uplink-session.ts";

const listed = /^([^@]+)@(?:mqtts:\/\/)?([^:/]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/;

/** A unit as the settings list it, "id@mqtthost:port"; undefined for anything else. */
export function parseTarget(text: string): UplinkTarget | undefined {
  const [, id = "", host = "", port = ""] = listed.exec(text) ?? [];
  const unit = unitId(id);
  const number = Number(port);
  if (unit === undefined || number < 1 || number > 65_535) return undefined;
  return { unitId: unit, host: host.replace(/^\[|\]$/g, ""), port: number };
}

/** All units of a setting; CONFIG_INVALID names it and the first that cannot be read. */
export function parseTargets(texts: readonly string[], setting = "units"): readonly UplinkTarget[] {
  return texts.map((text) => {
    const target = parseTarget(text);
    if (target !== undefined) return target;
    throw new CodedError({
      code: "CONFIG_INVALID",
      message: `${setting} holds ${JSON.stringify(text)}`,
      remedy: "write each unit as id@mqtthost:port",
    });
  });
}
