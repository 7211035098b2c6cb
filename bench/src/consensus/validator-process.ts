import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseGenesis } from "@voltfog/ledger";
import { nodeCrypto } from "@voltfog/runtime/node";
import { answerRequests } from "../processes/answer-requests.ts";
import { BenchValidator } from "./bench-validator.ts";
import { summed } from "./message-count.ts";
import type { ValidatorReply, ValidatorRequest } from "./validator-messages.ts";

const validators: BenchValidator[] = [];
let observed: BenchValidator | undefined;
let isDurable = true;

answerRequests<ValidatorRequest, ValidatorReply>(async (request) => {
  switch (request.kind) {
    case "start":
      await start(request);
      return { kind: "started" };
    case "prepare":
      for (const plan of request.plans) {
        validators.find(({ index }) => index === plan.index)?.prepare(plan);
      }
      return { kind: "prepared" };
    case "collect":
      return collected();
    case "await-turn":
      await observed?.untilTurnOf(request.index);
      return { kind: "turn" };
    case "mute":
      for (const one of validators) one.mute(request.kinds);
      return { kind: "done" };
    case "sync":
      isDurable = request.isDurable;
      return { kind: "done" };
  }
});

async function start(request: Extract<ValidatorRequest, { kind: "start" }>): Promise<void> {
  const genesis = parseGenesis(request.genesis, nodeCrypto);
  if (!genesis.ok) throw new Error(genesis.problem.detail);
  const { link, observer } = request;
  isDurable = request.isDurable;
  await makeSyncsOptional(request.validators[0]?.folder ?? ".");
  for (const spec of request.validators) {
    const isObserved = spec.index === observer;
    const one = await BenchValidator.start({ spec, genesis: genesis.value, link, isObserved });
    validators.push(one);
    if (isObserved) observed = one;
  }
}

/** Where it is not durable, fdatasync does nothing in this process: what a chain that forgets would do. */
async function makeSyncsOptional(folder: string): Promise<void> {
  const handle = await open(join(folder, "..", `probe-${process.pid}`), "w");
  const prototype: { datasync: () => Promise<void> } = Object.getPrototypeOf(handle);
  const { datasync } = prototype;
  prototype.datasync = function (this: unknown): Promise<void> {
    return isDurable ? datasync.call(this as never) : Promise.resolve();
  };
  await handle.close();
}

function collected(): ValidatorReply {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  const sum = (value: (one: BenchValidator) => number): number =>
    validators.reduce((total, one) => total + value(one), 0);
  const refused = sum((one) => one.refused);
  for (const one of validators) one.refused = 0;
  return {
    kind: "collected",
    sent: validators.flatMap(({ sent }) => sent.splice(0)),
    seen: validators.flatMap(({ seen }) => seen.splice(0)),
    refused,
    cpu_ms: (user + system) / 1000,
    sent_bytes: sum((one) => one.sent_bytes),
    messages: sum((one) => one.messages),
    counted: summed(validators.map(({ counted }) => counted)),
    stands: validators.map(({ stand }) => stand),
    memory: { resident_bytes: memory.rss, heap_bytes: memory.heapUsed },
    connected: Math.min(...validators.map(({ connected }) => connected)),
    height: Math.min(...validators.map(({ height }) => height)),
  };
}
