import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { examplePrices, type Interval, type PackPrices } from "@voltfog/battery";
import { messageOf } from "@voltfog/runtime";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { writingFile } from "../output-file.ts";
import { sitePaths } from "../site/site-folder.ts";
import { openSiteRecord } from "../site/site-record.ts";
import { FrameCollector, type PackHistory, packHistory } from "../value/pack-history.ts";
import { factoryOf } from "../value/read-factory-record.ts";
import { type Valuation, valuation } from "../value/valuation.ts";
import { valuationPage, valuationText } from "../value/valuation-text.ts";
import { judgeBundle } from "../verification/judge-bundle.ts";
import { factoryRecordCommand } from "./value-factory-record.ts";

interface ValueFlags {
  readonly pack?: string;
  readonly bundle?: string;
  readonly data: string;
  readonly soh?: string;
  readonly energy: string;
  readonly prices?: string;
  readonly factory?: string;
  readonly manufacturer?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** `voltfog value`: what a used pack is worth, and what stands behind each number. */
export function valueCommand({ terminal }: CommandContext): Command {
  return new Command("value")
    .description(
      "Weighs a pack for its second life: what it went through until factory exit and in service, declared gaps, grade, value with its interval, and the one test that would lower doubt most. Each number names its proof or says that there is none; nothing missing is filled in.",
    )
    .option("--pack <id>", "a vehicle of the site in --data, whose whole log is read")
    .option("--bundle <file>", "one verified frame instead, from voltfog proof")
    .option("--data <dir>", "folder of a running or stopped site", ".voltfog")
    .option("--soh <low..high>", "state of health that a test found, such as .78..0.84")
    .option("--energy <kWh>", "nominal energy, one number or low..high", "40..80")
    .option("--prices <file>", "JSON with prices in place of the examples")
    .option("--factory <file>", "the manufacturer's signed record of this pack; its energy counts")
    .option("--manufacturer <key>", "public key that has to have signed it, 64 hex digits")
    .option("--report <file>", "also write a page of it, such as pack.html")
    .option("--json", "print it as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog value --pack vehicle-01\n  voltfog value --pack vehicle-01 --soh 0.78..0.84 --energy 52 --report pack.html\n  voltfog value --pack vehicle-01 --factory record.json --manufacturer 8f40…",
    )
    .action(async (flags: ValueFlags) => {
      const result = await weigh(flags);
      if (flags.report !== undefined) writePage(flags.report, valuationPage(result));
      terminal.print(flags.json ? JSON.stringify(result, null, 2) : valuationText(result));
    })
    .addCommand(factoryRecordCommand({ terminal }));
}

async function weigh(flags: ValueFlags): Promise<Valuation> {
  const claims = {
    soh: flags.soh === undefined ? undefined : interval("--soh", flags.soh, 1.2),
    energy_kWh: interval("--energy", flags.energy, 10_000),
    prices: flags.prices === undefined ? examplePrices : readPrices(flags.prices),
    pricesSource: flags.prices === undefined ? "examples, no offer" : `file ${flags.prices}`,
  };
  if ((flags.pack === undefined) === (flags.bundle === undefined)) {
    throw complaint({
      code: "FLAG_MISSING",
      what: "name either --pack or --bundle",
      remedy: "voltfog value --pack vehicle-01, or --bundle with a file that voltfog proof wrote",
    });
  }
  const paths = sitePaths(flags.data);
  if (!existsSync(paths.genesis)) {
    throw complaint({
      code: "SITE_MISSING",
      what: `${flags.data} holds no Voltfog site`,
      remedy: "start one with voltfog up, or name its folder with --data",
    });
  }
  if (flags.bundle !== undefined) {
    const { pack, history } = fromBundle(flags.bundle, paths.genesis);
    return valuation({ pack, history, claims: { ...claims, factory: factoryOf(flags, pack) } });
  }
  const pack = flags.pack ?? "";
  const history = await packHistory(await openSiteRecord(paths), pack);
  if (history === undefined) {
    throw complaint({
      code: "VEHICLE_UNKNOWN",
      what: `no vehicle ${pack} is enrolled in ${flags.data}`,
      remedy: "voltfog status lists the vehicles",
    });
  }
  return valuation({ pack, history, claims: { ...claims, factory: factoryOf(flags, pack) } });
}

function fromBundle(file: string, genesis: string): { pack: string; history: PackHistory } {
  const verdict = judgeBundle({
    bytes: readInputFile(file),
    genesisBytes: readInputFile(genesis),
    genesisName: genesis,
  });
  if (!verdict.ok) {
    throw complaint({
      code: "BUNDLE_INVALID",
      what: `${file}: ${verdict.problem.code}: ${verdict.problem.detail}`,
      remedy: "take the frame out again with voltfog proof",
    });
  }
  const { frame, vehicle, log } = verdict.value;
  const collector = new FrameCollector();
  collector.add(frame.bytes);
  const proof = [`verified bundle ${file}, frame ${frame.sequence}, log entry ${log.index}`];
  return { pack: vehicle.id, history: { ...collector.facts(), gaps: [], refused: 0, proof } };
}

/** "0.8" or "0.78..0.84". */
function interval(flag: string, text: string, max: number): Interval {
  const [low = Number.NaN, high = low] = text.split("..").map((part) => Number(part || Number.NaN));
  if (low > 0 && high >= low && high <= max) return { low, high };
  throw complaint({
    code: "NUMBER_INVALID",
    what: `${flag} is ${JSON.stringify(text)}`,
    remedy: `give a number up to ${max}, or two as low..high`,
  });
}

function readPrices(file: string): PackPrices {
  try {
    const given = JSON.parse(readFileSync(file, "utf8")) as Partial<Record<string, unknown>>;
    const known = Object.keys(examplePrices);
    const wrong = [
      ...Object.keys(given).filter((name) => !known.includes(name)),
      ...known.filter((name) => !isPrice(given[name] ?? 0)),
    ];
    if (wrong.length > 0) throw new Error(`not a price, or unknown: ${wrong.join(", ")}`);
    return { ...examplePrices, ...given };
  } catch (thrown) {
    throw complaint({
      code: "PRICES_INVALID",
      what: `${file}: ${messageOf(thrown)}`,
      remedy: `give a JSON object with some of ${Object.keys(examplePrices).join(", ")}`,
    });
  }
}

function isPrice(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function writePage(file: string, page: string): void {
  const remedy = "name a file in a folder that you may write";
  writingFile({ path: file, remedy }, () => writeFileSync(file, page));
}
