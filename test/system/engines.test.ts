import { agreedReply } from "@voltfog/consensus";
import { decodeResult, type EngineChoice, type Result } from "@voltfog/ledger";
import { fromHex } from "@voltfog/runtime";
import { afterEach, expect, test } from "vitest";
import { writeHistory } from "../../fog-rsu/src/validator/testing/chain-history.ts";
import {
  createValidatorSite,
  type ValidatorSite,
} from "../../fog-rsu/src/validator/testing/validator-site.ts";
import { eventually, startSite, voltfog } from "./running-site.ts";
import { ValidatorSiteRun } from "./validator-site-run.ts";

/** Blocks that three of the validators begin with; their snapshot is ten blocks lower. */
const history = 60;
const snapshotEvery = 50;
const everybody: readonly number[] = [0, 1, 2, 3];
/** More than one liar. */
const needed = 2;

const engines: readonly EngineChoice[] = [
  { name: "pbft", redundant: 0 },
  { name: "linear", redundant: 0 },
  { name: "sbft", redundant: 0 },
  { name: "hotstuff", redundant: 0 },
];

let site: ValidatorSite;
let run: ValidatorSiteRun;
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

test.each(engines)(
  "$name: a newcomer begins with a snapshot, a killed leader costs a round and comes back by blocks",
  async (engine) => {
    site = await createValidatorSite({
      ...{ count: 4, blockInterval_ms: 50, emptyBlockInterval_ms: 600_000, engine },
    });
    run = new ValidatorSiteRun(site);
    cleanUps.push(() => run.stopAll().then(() => site.remove()));
    await writeHistory({ site, height: history, snapshotEvery });
    for (const i of everybody) run.start(i, { settings: { snapshotBehind: 30 } });
    await Promise.all(everybody.map(ready));
    expect(await ask(0, "/v1/status")).toMatchObject({ engine });

    // The fourth had nothing: it takes the state of the snapshot, and the blocks after it.
    await becomesFinal(0, everybody);
    expect(await ask(3, "/v1/status")).toMatchObject({ firstBlock: snapshotEvery + 1 });

    const { proposer: leader } = await newestBlock(1);
    const killed = site.validators.findIndex(({ id }) => id === leader);
    const others = everybody.filter((i) => i !== killed);
    await run.kill(killed);
    // So many that every turn of the one that is gone passes, whatever the engine.
    for (const i of [...others, ...others]) {
      const { height } = await becomesFinal(i, others);
      // The fast path of four takes all four: without one of them the slow one decides.
      expect((await block(i, height)).form).toBe("commit");
    }

    run.start(killed, { settings: { snapshotBehind: 1_000_000 } });
    await ready(killed);
    const last = await becomesFinal(killed, everybody);
    const blocks = await Promise.all(everybody.map((i) => block(i, last.height)));
    expect(new Set(blocks.map(({ hash }) => hash)).size).toBe(1);
  },
);

test("sbft: one phase decides while everybody is there, two without a redundant voter, and one again", async () => {
  site = await createValidatorSite({
    ...{ count: 4, blockInterval_ms: 50, emptyBlockInterval_ms: 600_000 },
    engine: { name: "sbft", redundant: 0 },
  });
  run = new ValidatorSiteRun(site);
  cleanUps.push(() => run.stopAll().then(() => site.remove()));
  for (const i of everybody) run.start(i);
  await Promise.all(everybody.map(ready));
  await formBecomes("fast", everybody);
  const leader = (await block(0, (await becomesFinal(0, everybody)).height)).proposer;
  const killed = everybody.find((i) => site.validators[i]?.id !== leader) ?? 0;
  const others = everybody.filter((i) => i !== killed);
  await run.kill(killed);
  await formBecomes("commit", others);
  run.start(killed);
  await ready(killed);
  await formBecomes("fast", everybody);
});

/** Sends transactions until a block is decided in this form. */
async function formBecomes(form: string, at: readonly number[]): Promise<void> {
  await eventually(`a block of form ${form}`, async () => {
    const [first = 0] = at;
    const { height } = await becomesFinal(first, at);
    return (await block(first, height)).form === form || undefined;
  });
}

test("a whole site runs the engine that it was made with, says so, and takes no other one later", async () => {
  const whole = await startSite("--engine", "hotstuff", "--vehicles", "1", "--market", "none");
  cleanUps.push(() => whole.stop());
  await eventually("it to be said", () => whole.said().includes("decide by hotstuff") || undefined);
  const chain = await (await fetch(`${whole.web}/v1/chain`)).json();
  expect(chain).toMatchObject({ engine: "hotstuff", validators: 4, quorum: 3, faultyMax: 1 });
  const { hash } = await eventually("a final transaction", async () => {
    const answer = await fetch(`${whole.web}/v1/transactions?limit=1`);
    return ((await answer.json()) as { hash: string }[])[0];
  });
  const { code, stdout } = await voltfog(
    "ledger",
    "outcome",
    hash,
    "--data",
    whole.dataDir,
    "--json",
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ hash, code: "OK", needed: 2 });
  expect((await whole.finish()).code).toBe(0);
  const other = await voltfog("up", "--engine", "pbft", "--data", whole.dataDir, "--port", "0");
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/is decided by hotstuff, not pbft/);
});

/** Sends one more transaction to a validator; its result once f + 1 of these say the same, and all have it. */
async function becomesFinal(i: number, at: readonly number[]): Promise<Result> {
  const hash = await eventually(`validator ${i + 1} to take a transaction`, () => run.send(i));
  const path = `/v1/transactions/${hash}?wait_ms=5000`;
  const saying = async (validator: string): Promise<Uint8Array | undefined> => {
    const answer = await ask(Number(validator), path);
    return answer === undefined ? undefined : fromHex((answer as { result: string }).result);
  };
  const validators = at.map(String);
  const agreed = await eventually("f + 1 to say what became of it", () =>
    agreedReply({ validators, needed, ask: saying }),
  );
  for (const validator of validators) {
    const said = await eventually(`validator ${Number(validator) + 1} to say so too`, () =>
      saying(validator),
    );
    expect(said).toEqual(agreed.statement);
  }
  const result = decodeResult(agreed.statement);
  if (!result.ok) throw new Error(result.problem.detail);
  expect(result.value.code).toBe("OK");
  return result.value;
}

/** undefined where nobody answers, or not with 200. */
async function ask(i: number, path: string): Promise<unknown> {
  const answer = await fetch(run.url(i) + path).catch(() => undefined);
  return answer?.ok === true ? await answer.json() : undefined;
}

async function ready(i: number): Promise<void> {
  await eventually(`validator ${i + 1} to be ready`, async () => {
    const answer = await fetch(`${run.url(i)}/ready`).catch(() => undefined);
    return answer?.ok === true || undefined;
  });
}

async function newestBlock(i: number): Promise<FinalBlock> {
  return block(i, ((await ask(i, "/v1/status")) as { height: number }).height);
}

interface FinalBlock {
  readonly hash: string;
  readonly proposer: string;
  readonly form: string;
}

async function block(i: number, height: number): Promise<FinalBlock> {
  return (await eventually(`block ${height} of validator ${i + 1}`, () =>
    ask(i, `/v1/blocks/${height}`),
  )) as FinalBlock;
}
