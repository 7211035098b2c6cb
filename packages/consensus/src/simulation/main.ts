import { mutations } from "./mutations.ts";
import { type SimulationReport, simulate } from "./simulate.ts";

/**
 * npm run simulate -w @voltfog/consensus -- [--seed N] [--seeds COUNT] [--voters N] [--mutation NAME]
 * Runs COUNT seeds from N on and prints every run that violated an invariant, or the one run as JSON.
 */
interface Request {
  readonly seed: number;
  readonly seeds: number;
  readonly voters: number | undefined;
  readonly mutation: string | undefined;
}

function readRequest(words: readonly string[]): Request | string {
  const known = ["--seed", "--seeds", "--voters", "--mutation"];
  const given = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const [flag = "", value] = words.slice(i, i + 2);
    if (!known.includes(flag) || value === undefined)
      return `${flag}: known are ${known.join(", ")}`;
    given.set(flag, value);
  }
  const whole = (flag: string, min: number): number | undefined => {
    const text = given.get(flag);
    if (text === undefined) return undefined;
    return /^\d{1,9}$/.test(text) && Number(text) >= min ? Number(text) : Number.NaN;
  };
  const numbers = [whole("--seed", 0), whole("--seeds", 1), whole("--voters", 1)] as const;
  if (numbers.some(Number.isNaN)) return "seed, seeds and voters are whole numbers";
  const mutation = given.get("--mutation");
  if (mutation !== undefined && !Object.hasOwn(mutations, mutation)) {
    return `--mutation: known are ${Object.keys(mutations).join(", ")}`;
  }
  return { seed: numbers[0] ?? 0, seeds: numbers[1] ?? 1, voters: numbers[2], mutation };
}

function* runs(request: Request): Generator<SimulationReport> {
  const mutation = request.mutation === undefined ? undefined : mutations[request.mutation];
  for (let seed = request.seed; seed < request.seed + request.seeds; seed++) {
    yield simulate({
      seed,
      ...(request.voters === undefined ? {} : { voters: request.voters }),
      ...(mutation === undefined ? {} : { mutation }),
    });
  }
}

const request = readRequest(process.argv.slice(2));
if (typeof request === "string") {
  process.stderr.write(`${request}\n`);
  process.exitCode = 2;
} else {
  let failed = 0;
  for (const report of runs(request)) {
    if (report.violations.length > 0) failed++;
    if (report.violations.length > 0 || request.seeds === 1) {
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    }
  }
  process.stdout.write(`${request.seeds} runs, ${failed} with violations\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}
