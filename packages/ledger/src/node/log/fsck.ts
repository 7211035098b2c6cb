import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CodedError, type Crypto, messageOf } from "@voltfog/runtime";
import { checkRecordFile, nodeCrypto } from "@voltfog/runtime/node";
import { earlierLogFolder, earlierNumber } from "./earlier-logs.ts";
import { LogCheck } from "./fsck-log.ts";
import { checkpointFile, journalFolder } from "./log-files.ts";
import type { FsckProblem, FsckReport } from "./log-types.ts";
import { restoredMark } from "./restored-mark.ts";

/** A unit may be writing while its folder is checked; then the check starts over. */
const attemptsMax = 20;
/** What a unit at work can look like for a moment; it gets time to finish. */
const passing: ReadonlySet<FsckProblem["code"]> = new Set([
  "MISSING_FILE",
  "UNEXPECTED_FILE",
  "UNFINISHED_TAIL",
  "UNREADABLE",
]);
const passingAttempts = 4;
const pause_ms = 50;
/** What a unit was told and what it recorded of chargers: no evidence, replaced while the unit works. */
const toldFile =
  /^(?:control\/term\.json|traffic\/policies\.json|chargers\/[^/]+|erasure-orders\.json)(?:\.new)?$/;
const recordFile = /^events\/[^/]+\.(?:records|seg)$/;

export interface FsckOptions {
  readonly crypto?: Crypto;
  /** Wait before another look at what a unit at work may explain. 50 ms unless told. */
  readonly pause_ms?: number;
}

/**
 * Recomputes everything in a log's folder, or in a unit's data folder (its log/ and events/; what it was
 * told by others is not looked at), and
 * reports the first byte that is not what it must be. Changes nothing. FOLDER_UNREADABLE when there
 * is no such folder.
 */
export async function fsckLog(folder: string, options: FsckOptions = {}): Promise<FsckReport> {
  const crypto = options.crypto ?? nodeCrypto;
  for (let attempt = 1; ; attempt++) {
    const before = fingerprint(folder);
    const report = await checkOnce(folder, crypto).catch(unreadable);
    const isStill = before === fingerprint(folder);
    const { code } = report.problem ?? {};
    const attempts = code !== undefined && passing.has(code) ? passingAttempts : 1;
    if (report.ok || attempt === attemptsMax || (isStill && attempt >= attempts)) return report;
    await setTimeout(options.pause_ms ?? pause_ms);
  }
}

/** A file that is there but can't be read, or that a writer took away just now. */
function unreadable(thrown: unknown): FsckReport {
  const { path, code } = thrown as { path?: unknown; code?: unknown };
  if (typeof path !== "string" || typeof code !== "string") throw thrown;
  const place = { file: path, offset: 0 };
  const problem: FsckProblem = { code: "UNREADABLE", detail: messageOf(thrown), place };
  return { ok: false, entries: 0, samples: 0, gaps: 0, size: 0, root: "", problem };
}

async function checkOnce(folder: string, crypto: Crypto): Promise<FsckReport> {
  const files = listFiles(folder);
  const isUnit = existsSync(join(folder, "log")) && !existsSync(join(folder, journalFolder));
  if (!isUnit) return new LogCheck({ folder, files, crypto }).run();
  const logFiles = files.filter((file) => file.startsWith("log/"));
  const inLog = logFiles.map((file) => file.slice("log/".length));
  const earlier = checkEarlier({ folder, files, crypto });
  const report = new LogCheck({ folder: join(folder, "log"), files: inLog, crypto }).run();
  if (report.problem !== undefined) {
    const { file, offset } = report.problem.place;
    return { ...report, problem: { ...report.problem, place: { file: `log/${file}`, offset } } };
  }
  const others = files.filter(
    (file) => !file.startsWith("log/") && !earlierNumber(file) && !toldFile.test(file),
  );
  const records = others.filter((file) => file !== restoredMark.file);
  const problem =
    earlier ??
    (await checkEvents(folder, records)) ??
    (others.includes(restoredMark.file) ? checkMark(folder) : undefined);
  return problem === undefined ? report : { ...report, ok: false, problem };
}

/** The event journal beside the log: record files and nothing else. */
async function checkEvents(
  folder: string,
  files: readonly string[],
): Promise<FsckProblem | undefined> {
  for (const file of files) {
    if (!recordFile.test(file)) {
      const detail = "neither log nor event journal";
      return { code: "UNEXPECTED_FILE", detail, place: { file, offset: 0 } };
    }
    const { problem } = await checkRecordFile({ path: join(folder, file) });
    if (problem === undefined) continue;
    const { detail, at_bytes: offset } = problem;
    return { code: "RECORDS_CORRUPT", detail, place: { file, offset } };
  }
  if (files.length > 0) return undefined;
  const detail = "the event journal is missing";
  return { code: "MISSING_FILE", detail, place: { file: "events", offset: 0 } };
}

/** The logs that the unit no longer writes, each by itself. */
function checkEarlier(o: {
  folder: string;
  files: readonly string[];
  crypto: Crypto;
}): FsckProblem | undefined {
  const numbers = new Set(o.files.map(earlierNumber).filter((number) => number !== undefined));
  for (const number of numbers) {
    const prefix = `earlier/${number}/`;
    const files = o.files
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length));
    const { folder, crypto } = o;
    const { problem } = new LogCheck({
      folder: earlierLogFolder(folder, number),
      files,
      crypto,
    }).run();
    if (problem === undefined) continue;
    const { file, offset } = problem.place;
    return { ...problem, place: { file: `${prefix}${file}`, offset } };
  }
  return undefined;
}

function checkMark(folder: string): FsckProblem | undefined {
  const { file, text } = restoredMark;
  const found = readFileSync(join(folder, file), "utf8");
  if (found === text) return undefined;
  const differs = [...text].findIndex((letter, at) => letter !== found[at]);
  const offset = differs < 0 ? text.length : differs;
  const detail = "not the mark of a restored unit";
  return { code: "UNEXPECTED_FILE", detail, place: { file, offset } };
}

/** All files below a folder, with slashes. */
function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((item) => !item.isDirectory())
      .map((item) => relative(folder, join(item.parentPath, item.name)).replaceAll(sep, "/"))
      .sort();
  } catch (thrown) {
    throw new CodedError({
      code: "FOLDER_UNREADABLE",
      message: messageOf(thrown),
      remedy: "name a log's folder or a unit's data folder",
    });
  }
}

/** Changes whenever a writer does something. */
function fingerprint(folder: string): string {
  const parts = ["", "log/"].flatMap((prefix) => [
    `${prefix}${checkpointFile}`,
    `${prefix}${journalFolder}`,
  ]);
  const journals = parts.filter((part) => existsSync(join(folder, part)));
  const segments = journals.flatMap((part) =>
    part.endsWith(journalFolder)
      ? readdirSync(join(folder, part)).map((name) => `${part}/${name}`)
      : [part],
  );
  return segments.map((file) => `${file} ${sizeAndTime(join(folder, file))}`).join("\n");
}

function sizeAndTime(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return `${stat?.size} ${stat?.mtimeMs}`;
}
