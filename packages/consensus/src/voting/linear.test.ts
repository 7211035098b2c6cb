import { expect, test } from "vitest";
import { simulatedChainId as chainId } from "../simulation/consortium.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { EngineTable, isType } from "../testing/engine-table.ts";
import type { Commit, CommitCertificate, Prepare, PrepareCertificate } from "./message.ts";
import { Signing } from "./signing.ts";

const everything = (): boolean => true;
const rival = new Uint8Array(32).fill(9);

function tableOf(voters: number): EngineTable {
  const table = new EngineTable(voters, "linear");
  for (let voter = 0; voter < voters; voter++) table.startHeight(voter, 1);
  return table;
}

function signingOf(voter: number): Signing {
  return new Signing({ chainId, crypto: simulatedCrypto, signer: simulatedSigner(voter) });
}

function give(table: EngineTable, voter: number, message: PrepareCertificate | CommitCertificate) {
  table.give(voter, { type: "message", now_ms: 0, message });
}

/** What collector 0 would show of the proposal that voter 0 made in round 0. */
function prepareCertificate(table: EngineTable, voters: readonly number[]): PrepareCertificate {
  const digest = table.sent(0, "proposal")[0]?.digest ?? rival;
  const place = { height: 1, round: 0, digest };
  const prepares = voters.map((voter) => signingOf(voter).signPrepare(0, { ...place, voter }));
  return { type: "prepare-certificate", ...place, voter: 0, prepares };
}

function commitCertificate(table: EngineTable, voters: readonly number[]): CommitCertificate {
  const digest = table.sent(0, "proposal")[0]?.digest ?? rival;
  const place = { height: 1, round: 0, digest };
  const seals = voters.map((voter) =>
    signingOf(voter).signCommit(0, { ...place, voter, delay_ms: 0 }),
  );
  return { type: "commit-certificate", form: "commit", ...place, voter: 0, seals };
}

test.each([4, 7, 10])("%i voters decide one block with 5(n − 1) messages", (n) => {
  const table = tableOf(n);
  let messages = 0;
  table.deliver(() => ++messages > 0);
  expect(messages).toBe(5 * (n - 1));
  const digests = table.seats.map((_, voter) => table.of(voter, "deliver")[0]?.decision.digest);
  expect(digests[0]).toBeDefined();
  expect(new Set(digests.map((digest) => digest?.join())).size).toBe(1);
});

test("nobody verifies a signature twice or one of its own", () => {
  const table = tableOf(4);
  table.deliver(everything);
  // The collector hears three PREPAREs and three COMMITs. The others hear the proposal and two certificates of
  // three signatures, their own among them or not.
  const [collector = 0, ...others] = table.verified;
  expect(collector).toBeLessThanOrEqual(6);
  for (const count of others) expect(count).toBeLessThanOrEqual(1 + 3 + 3);
  const own = table.sent(0, "prepare-certificate")[0]?.prepares.map(({ voter }) => voter) ?? [];
  expect(own).toHaveLength(3);
  const inside = own.find((voter) => voter !== 0) ?? 0;
  expect(table.verified[inside]).toBe(1 + 2 + 2);
});

test("a certificate counts only with a quorum's distinct, valid votes for its own place", () => {
  const wrong: ((good: PrepareCertificate) => PrepareCertificate)[] = [
    (good) => ({ ...good, prepares: good.prepares.slice(1) }),
    (good) => ({ ...good, prepares: [...good.prepares.slice(1), ...good.prepares.slice(1, 2)] }),
    (good) => ({
      ...good,
      prepares: good.prepares.map((each) => ({ ...each, signature: new Uint8Array(64) })),
    }),
    (good) => ({
      ...good,
      prepares: good.prepares.map((each) => ({ ...each, voter: each.voter + 2 })),
    }),
    (good) => ({ ...good, digest: rival }),
    (good) => ({
      ...good,
      prepares: good.prepares.map((each) =>
        signingOf(each.voter).signPrepare(0, { ...each, round: 1 }),
      ),
    }),
    (good) => ({
      ...good,
      prepares: good.prepares.map((each) => signingOf(each.voter).signPrepare(1, each)),
    }),
  ];
  const table = tableOf(4);
  table.deliver(isType("proposal"));
  const good = prepareCertificate(table, [0, 1, 2]);
  for (const change of wrong) give(table, 3, change(good));
  expect(table.sent(3, "commit")).toHaveLength(0);
  expect(table.seat(3).state.rounds.get(0)?.prepares.size).toBe(1);
  give(table, 3, good);
  expect(table.sent(3, "commit")).toHaveLength(1);
});

test("seals that do not make a certificate decide nothing", () => {
  const table = tableOf(4);
  table.deliver(isType("proposal"));
  const good = commitCertificate(table, [0, 1, 2]);
  const [first] = good.seals;
  if (first === undefined) throw new Error("three voters sealed");
  const wrong: CommitCertificate[] = [
    { ...good, seals: good.seals.slice(1) },
    { ...good, seals: [...good.seals.slice(1), ...good.seals.slice(1, 2)] },
    { ...good, seals: [{ ...first, delay_ms: 1 }, ...good.seals.slice(1)] },
    { ...good, round: 1 },
    { ...good, digest: rival },
    { ...good, form: "fast" },
  ];
  for (const message of wrong) give(table, 3, message);
  expect(table.of(3, "deliver")).toHaveLength(0);
  give(table, 3, good);
  expect(table.of(3, "deliver")[0]?.decision.seals.map(({ voter }) => voter)).toEqual([0, 1, 2]);
});

test("a voter that says two things cannot keep what a quorum said from anybody, and is accused", () => {
  const table = tableOf(4);
  table.deliver(isType("proposal"));
  const place = { height: 1, round: 0, voter: 1, digest: rival };
  const prepare: Prepare = signingOf(1).signPrepare(0, place);
  const commit: Commit = signingOf(1).signCommit(0, { ...place, delay_ms: 0 });
  for (const message of [prepare, commit]) table.give(3, { type: "message", now_ms: 0, message });
  give(table, 3, prepareCertificate(table, [0, 1, 2]));
  expect(table.sent(3, "commit")).toHaveLength(1);
  give(table, 3, commitCertificate(table, [0, 1, 2]));
  expect(table.of(3, "deliver")).toHaveLength(1);
  expect(table.of(3, "evidence").map(({ voter }) => voter)).toEqual([1, 1]);
});

test("what a collector shows of the next height counts there, and is verified once", () => {
  const table = tableOf(4);
  table.deliver(({ to }) => to !== 3);
  for (const voter of [0, 1, 2]) table.startHeight(voter, 2);
  table.deliver(everything);
  expect(table.of(3, "voter-ahead").length).toBeGreaterThan(0);
  const before = table.verified[3] ?? 0;
  table.startHeight(3, 2);
  expect(table.of(3, "deliver")[0]?.decision.height).toBe(2);
  expect(table.verified[3]).toBe(before);
});

test("a certificate of a coming height is kept once, whoever says to show it", () => {
  const table = tableOf(4);
  const digest = rival;
  for (const height of [2, 3, 4, 9]) {
    const place = { height, round: 0, digest };
    const prepares = [0, 1, 2].map((voter) => signingOf(voter).signPrepare(0, { ...place, voter }));
    for (const voter of [0, 1, 2]) {
      give(table, 3, { type: "prepare-certificate", ...place, voter, prepares });
    }
  }
  const kept = [...table.seat(3).state.future.values()].flat();
  expect(kept.map(({ type }) => type)).toEqual(["prepare-certificate", "prepare-certificate"]);
});

test("who sees a block decided that never came fetches it", () => {
  const table = tableOf(4);
  table.deliver(({ to }) => to !== 3);
  give(table, 3, commitCertificate(table, [0, 1, 2]));
  expect(table.of(3, "deliver")).toHaveLength(0);
  expect(table.of(3, "voter-ahead")).toEqual([{ type: "voter-ahead", voter: 0, height: 2 }]);
});

test("a collector that gathers and shows nothing costs one round, and what was prepared stays", () => {
  const table = tableOf(4);
  table.deliver(({ from, message }) => from !== 0 || message.type !== "commit-certificate");
  const prepared = table.sent(0, "proposal")[0]?.digest;
  expect(table.of(1, "deliver")).toHaveLength(0);
  for (const voter of [1, 2, 3]) table.timer(voter, "round");
  table.deliver(({ from, to }) => from !== 0 && to !== 0);
  for (const voter of [1, 2, 3]) {
    expect(table.of(voter, "deliver")[0]?.decision).toMatchObject({ round: 1, digest: prepared });
  }
});

test("a collector that shows what decides to one voter alone leaves that voter no other block", () => {
  const table = tableOf(4);
  table.deliver(({ to, message }) => message.type !== "commit-certificate" || to === 3);
  const decided = table.of(3, "deliver")[0]?.decision.digest;
  expect(decided).toBeDefined();
  for (const voter of [1, 2]) table.timer(voter, "round");
  table.timer(0, "round");
  table.deliver(({ to, from }) => to !== 3 && from !== 3);
  for (const voter of [1, 2]) expect(table.sent(voter, "round-change")[0]?.claim.round).toBe(1);
  expect(table.sent(1, "round-change")[0]?.claim.prepared?.digest).toEqual(decided);
});

test("votes and certificates that were lost are said again to everybody, and decide", () => {
  const table = tableOf(4);
  // Round 1 is reached, and nothing but its proposal arrives.
  for (const voter of [0, 1, 2, 3]) table.timer(voter, "round");
  table.deliver(isType("proposal", "round-change"));
  table.timer(2, "resend");
  table.timer(3, "resend");
  table.deliver(isType("prepare"));
  expect(table.sent(1, "prepare-certificate")).toHaveLength(1);
  table.timer(1, "resend");
  table.deliver(isType("prepare-certificate"));
  // The collector is gone: the others hear each other's COMMITs all the same.
  for (const voter of [0, 2, 3]) table.timer(voter, "resend");
  table.deliver(({ to }) => to !== 1);
  expect(table.of(3, "deliver")[0]?.decision.round).toBe(1);
});

test("who connects again hears the collector's certificates", () => {
  const table = tableOf(4);
  table.deliver(({ to }) => to !== 3);
  table.give(0, { type: "peer-connected", now_ms: 0, voter: 3 });
  table.deliver(everything);
  expect(table.of(3, "deliver")).toHaveLength(1);
});

test("a collector that restarts keeps its votes and gathers again", () => {
  const table = tableOf(4);
  table.deliver(isType("proposal", "prepare", "prepare-certificate"));
  const before = table.sent(0, "commit")[0] ?? table.seat(0).state.rounds.get(0)?.commits.get(0);
  expect(before).toBeDefined();
  table.restart(0, 1);
  expect(table.seat(0).state.rounds.get(0)?.commits.get(0)).toEqual(before);
  table.mail.length = 0;
  for (const voter of [0, 1, 2, 3]) table.timer(voter, "round");
  table.deliver(everything);
  expect(table.of(0, "deliver")[0]?.decision).toMatchObject({
    round: 1,
    digest: before?.digest,
  });
});
