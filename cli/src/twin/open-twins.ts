import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeTwinState, PackTwin, packPresets, presetParameters } from "@voltfog/battery";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";

/** A twin to be asked, and whose it is. */
export interface NamedTwin {
  readonly vehicle: string;
  readonly twin: PackTwin;
  /** Wall time of its last reading. */
  readonly at_ms: number;
  /** File that it was read from. */
  readonly source: string;
}

/** Files of one vehicle after the other are looked at; a fleet's folder has few. */
const vehiclesMax = 10_000;

/**
 * The twins that an agent saved in its data folder, or in a site's folder, by name. Complains where there is
 * none, or where `vehicle` is not among them. Needs no running agent.
 */
export function savedTwins(folder: string, vehicle: string | undefined): readonly NamedTwin[] {
  const files = twinFiles(folder);
  const wanted = files.filter((file) => vehicle === undefined || file.vehicle === vehicle);
  if (wanted.length > 0) return wanted.map(savedTwin);
  const who = vehicle === undefined ? "any vehicle" : vehicle;
  throw complaint({
    code: "TWIN_MISSING",
    what: `${folder} holds no saved twin of ${who}`,
    remedy:
      files.length > 0
        ? `there are ${files.map((file) => file.vehicle).join(", ")}`
        : "name the agent's data folder or the site's, a minute after the agent started, or give --data",
  });
}

function twinFiles(folder: string): readonly { vehicle: string; path: string }[] {
  const own = join(folder, "twin.json");
  if (existsSync(own)) return [{ vehicle: folder.split("/").at(-1) ?? folder, path: own }];
  return [folder, join(folder, "fleet")]
    .flatMap((parent) =>
      foldersIn(parent).map((vehicle) => ({ vehicle, path: join(parent, vehicle, "twin.json") })),
    )
    .filter(({ path }) => existsSync(path));
}

function foldersIn(parent: string): readonly string[] {
  if (!existsSync(parent) || !statSync(parent).isDirectory()) return [];
  return readdirSync(parent).sort().slice(0, vehiclesMax);
}

function savedTwin({ vehicle, path }: { vehicle: string; path: string }): NamedTwin {
  const decoded = decodeTwinState(new TextDecoder().decode(readInputFile(path)));
  if (!decoded.ok) {
    throw complaint({
      code: decoded.problem.code,
      what: `${path}: ${decoded.problem.detail}`,
      remedy: "start the agent, which begins a new twin, or name another folder",
    });
  }
  const saved = decoded.value;
  const preset = Object.values(packPresets).find(({ cell }) => cell.name === saved.cell);
  const { cells, sensors, capacity_Ah } = saved;
  const twin =
    preset &&
    PackTwin.asSaved({
      ...{ cell: preset.cell, parameters: presetParameters[preset.id] },
      ...{ cells, sensors, capacity_Ah, saved },
    });
  if (twin === undefined) {
    throw complaint({
      code: "TWIN_CELL_UNKNOWN",
      what: `${path} is the twin of a pack of ${saved.cell}`,
      remedy: "ask with the version that saved it",
    });
  }
  return { vehicle, twin, at_ms: saved.wall_ms, source: path };
}

/** A twin that has followed a pack file of voltfog simulate fleet from its first record to its last. */
export async function followedTwin(file: string): Promise<NamedTwin> {
  const { decodePackFile } = await import("@voltfog/datasets");
  const decoded = decodePackFile(readInputFile(file));
  if (!decoded.ok) {
    throw complaint({
      code: decoded.problem.code,
      what: `${file}: ${decoded.problem.detail}`,
      remedy: "name a vehicle-<number>.pack that voltfog simulate fleet wrote",
    });
  }
  const { header, records } = decoded.value;
  const preset = Object.values(packPresets).find(({ id }) => id === header.preset);
  if (preset === undefined || records.length === 0) {
    throw complaint({
      code: "PACK_FILE_EMPTY",
      what: `${file} holds no readings of a known preset`,
      remedy: "simulate again with voltfog simulate fleet",
    });
  }
  const { cell, capacity_Ah } = preset;
  const { cells, sensors } = header;
  const twin = new PackTwin({
    ...{ cell, capacity_Ah, cells, sensors },
    parameters: presetParameters[preset.id],
  });
  for (const record of records) twin.update(record);
  const at_ms = records.at(-1)?.wall_ms ?? 0;
  return { vehicle: header.vehicle, twin, at_ms, source: file };
}
