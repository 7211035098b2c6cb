import { expect, test } from "vitest";
import { simulatedChainId as chainId } from "../simulation/consortium.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { digestOf, EngineTable, isType } from "../testing/engine-table.ts";
import type { VoteMessage } from "./message.ts";
import { Signing } from "./signing.ts";
import { limits } from "./state.ts";

const everything = (): boolean => true;
const all = [0, 1, 2, 3];

function tableOfFour(): EngineTable {
  const table = new EngineTable(4);
  for (const voter of all) table.startHeight(voter, 1);
  return table;
}

function signingOf(voter: number): Signing {
  return new Signing({ chainId, crypto: simulatedCrypto, signer: simulatedSigner(voter) });
}

test("four voters decide one block with (n − 1)(2n + 1) messages", () => {
  const table = tableOfFour();
  let messages = 0;
  table.deliver(() => ++messages > 0);
  expect(messages).toBe(27);
  const digests = all.map((voter) => table.of(voter, "deliver")[0]?.decision.digest);
  expect(new Set(digests.map((digest) => digest?.join())).size).toBe(1);
  expect(table.of(0, "deliver")[0]?.decision.seals.map(({ voter }) => voter)).toHaveLength(3);
});

test("every vote is asked to be persisted before it is asked to be sent", () => {
  const table = tableOfFour();
  table.deliver(everything);
  for (const voter of all) {
    const order = table
      .seat(voter)
      .effects.filter(({ type }) => type === "persist" || type === "send")
      .map(({ type }) => type);
    const kept = order.filter((type) => type === "persist").length;
    expect(kept).toBe(voter === 0 ? 3 : 2);
    expect(order.slice(0, 2)).toEqual(["persist", "send"]);
    expect(order.at(-2)).toBe("persist");
  }
});

test("nobody proposes before something waits or the empty block is due", () => {
  const table = new EngineTable(4);
  for (const voter of all) table.startHeight(voter, 1, { waiting: false });
  expect(table.mail).toHaveLength(0);
  table.give(0, { type: "transactions-waiting", now_ms: 5 });
  expect(table.sent(0, "proposal")).toHaveLength(1);
  const idle = new EngineTable(4);
  idle.startHeight(0, 1, { waiting: false });
  idle.timer(0, "idle");
  expect(idle.sent(0, "proposal")).toHaveLength(1);
});

test("a transaction that comes before the block time waits for it", () => {
  const table = new EngineTable(4);
  table.give(0, {
    type: "height-started",
    now_ms: 0,
    height: 1,
    voterSet: table.voterSet,
    earliest_ms: 700,
    idle_ms: 9700,
    transactionsWaiting: false,
  });
  table.give(0, { type: "transactions-waiting", now_ms: 100 });
  expect(table.sent(0, "proposal")).toHaveLength(0);
  table.timer(0, "earliest");
  expect(table.sent(0, "proposal")).toHaveLength(1);
});

test("a commit states how long the proposal took to arrive", () => {
  const table = tableOfFour();
  table.now_ms = 40;
  table.deliver(everything);
  expect(table.sent(0, "commit")[0]?.delay_ms).toBe(0);
  expect(table.sent(2, "commit")[0]?.delay_ms).toBe(40);
});

test("when the proposer is silent the next one proposes with a quorum of round changes", () => {
  const table = new EngineTable(4);
  for (const voter of [1, 2, 3]) table.startHeight(voter, 1);
  for (const voter of [1, 2, 3]) table.timer(voter, "round");
  table.deliver(({ to }) => to !== 0);
  const [proposal] = table.sent(1, "proposal");
  expect(proposal?.round).toBe(1);
  expect(proposal?.claims.map(({ voter }) => voter)).toEqual([1, 2, 3]);
  expect(table.of(2, "deliver")[0]?.decision.round).toBe(1);
});

/** What a voter's round timers were set to, in order. */
function roundTimers(table: EngineTable, voter: number): number[] {
  return table
    .of(voter, "set-timer")
    .filter(({ timer }) => timer === "round")
    .map(({ delay_ms }) => delay_ms);
}

test("the timer of round r lasts 2^r times as long, up to its limit", () => {
  const table = tableOfFour();
  for (let round = 0; round < 7; round++) {
    for (const voter of all) table.timer(voter, "round");
    table.deliver(isType("round-change"));
  }
  const delays = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
  expect(roundTimers(table, 2)).toEqual(delays);
});

test("a voter that is ahead alone waits there until a quorum has come so far", () => {
  const table = tableOfFour();
  table.timer(3, "round");
  expect(table.seat(3).state.round).toBe(1);
  table.timer(0, "round");
  table.deliver(({ to }) => to === 3);
  expect(roundTimers(table, 3)).toEqual([1000]);
  table.timer(1, "round");
  table.deliver(({ to }) => to === 3);
  expect(roundTimers(table, 3)).toEqual([1000, 2000]);
});

test("f + 1 voters in higher rounds pull a voter up to the lowest of these, one does not", () => {
  const table = tableOfFour();
  for (let i = 0; i < 3; i++) table.timer(1, "round");
  for (let i = 0; i < 5; i++) table.timer(2, "round");
  table.deliver(({ from, to }) => to === 3 && from === 1);
  expect(table.seat(3).state.round).toBe(0);
  for (const voter of [1, 2]) table.timer(voter, "resend");
  table.deliver(({ from, to }) => to === 3 && (from === 1 || from === 2));
  expect(table.seat(3).state.round).toBe(3);
  expect(table.sent(3, "round-change")[0]?.claim.round).toBe(3);
});

test("a block that a quorum prepared is proposed again, whoever proposes next", () => {
  const table = tableOfFour();
  // All prepare and commit in round 0, but no commit arrives anywhere.
  table.deliver(isType("proposal", "prepare"));
  const prepared = table.sent(0, "proposal")[0]?.digest;
  for (const voter of all) table.timer(voter, "round");
  table.deliver(everything);
  const [again] = table.sent(1, "proposal");
  expect(again?.round).toBe(1);
  expect(again?.digest).toEqual(prepared);
  expect(again?.prepares).toHaveLength(3);
  expect(table.of(3, "deliver")[0]?.decision).toMatchObject({ round: 1, digest: prepared });
});

test("a proposer that never saw the prepared block gets it with the round change", () => {
  const table = tableOfFour();
  // The next proposer, voter 1, hears nothing of round 0; the others prepare, and no commit arrives.
  table.deliver(({ to, message }) => to !== 1 && message.type !== "commit");
  const prepared = table.sent(0, "proposal")[0]?.digest;
  expect(table.sent(2, "commit")).toHaveLength(1);
  for (const voter of all) table.timer(voter, "round");
  table.deliver(everything);
  expect(table.sent(1, "proposal")[0]?.digest).toEqual(prepared);
  expect(table.of(1, "deliver")[0]?.decision).toMatchObject({ round: 1, digest: prepared });
});

test("a proposal of a higher round without its proof moves nobody", () => {
  const table = tableOfFour();
  table.mail.length = 0;
  const block = new Uint8Array([9, 9]);
  const content = { height: 1, round: 1, voter: 1, digest: digestOf(block), block };
  const bare = signingOf(1).signProposal(0, { ...content, claims: [], prepares: [] });
  table.give(2, { type: "message", now_ms: 0, message: bare });
  expect(table.seat(2).state.round).toBe(0);
  const claims = [0, 1].map((voter) => {
    const claim = { height: 1, round: 1, voter, prepared: undefined };
    return signingOf(voter).signClaim(0, claim);
  });
  const short = signingOf(1).signProposal(0, { ...content, claims, prepares: [] });
  table.give(2, { type: "message", now_ms: 0, message: short });
  expect(table.seat(2).state.round).toBe(0);
  const doubled = [...claims, ...claims.slice(1)];
  const padded = signingOf(1).signProposal(0, { ...content, claims: doubled, prepares: [] });
  table.give(2, { type: "message", now_ms: 0, message: padded });
  expect(table.seat(2).state.round).toBe(0);
});

test("a justified proposal of a higher round is followed", () => {
  const table = tableOfFour();
  table.mail.length = 0;
  const block = new Uint8Array([9, 9]);
  const claims = [0, 1, 3].map((voter) => {
    const claim = { height: 1, round: 1, voter, prepared: undefined };
    return signingOf(voter).signClaim(0, claim);
  });
  const content = { height: 1, round: 1, voter: 1, digest: digestOf(block), block };
  const message = signingOf(1).signProposal(0, { ...content, claims, prepares: [] });
  table.give(2, { type: "message", now_ms: 0, message });
  expect(table.seat(2).state.round).toBe(1);
  expect(table.sent(2, "prepare")[0]?.round).toBe(1);
});

test("a forged claim to hold something prepared cannot hide what a quorum prepared", () => {
  const table = tableOfFour();
  table.deliver(isType("proposal", "prepare"));
  const prepared = table.sent(0, "proposal")[0]?.digest;
  for (const voter of [0, 1, 2]) table.timer(voter, "round");
  const forged = signingOf(3).signClaim(0, {
    height: 1,
    round: 2,
    voter: 3,
    prepared: { round: 1, digest: digestOf(new Uint8Array([6])) },
  });
  const message = { type: "round-change", claim: forged, prepares: [], block: undefined } as const;
  for (const voter of [0, 1, 2]) {
    table.timer(voter, "round");
    table.give(voter, { type: "message", now_ms: 0, message });
  }
  table.deliver(everything);
  expect(table.of(2, "deliver")[0]?.decision.digest).toEqual(prepared);
});

test("an invalid block gets no vote, and the round passes to the next proposer", () => {
  const table = new EngineTable(4);
  table.isValid = (block) => block[2] !== 0;
  for (const voter of all) table.startHeight(voter, 1);
  table.deliver(everything);
  expect(all.flatMap((voter) => table.sent(voter, "prepare"))).toHaveLength(0);
  for (const voter of all) table.timer(voter, "round");
  table.deliver(everything);
  expect(table.of(0, "deliver")[0]?.block[2]).toBe(1);
});

test("a restarted voter says what it said before and nothing else", () => {
  const table = tableOfFour();
  table.deliver(isType("proposal", "prepare"));
  for (const voter of all) table.timer(voter, "round");
  table.mail.length = 0;
  for (const voter of all) {
    const before = table.sent(voter, "round-change")[0];
    table.restart(voter, 1);
    expect(table.seat(voter).state.round).toBe(1);
    expect(table.sent(voter, "round-change")[0]?.claim).toEqual(before?.claim);
  }
});

test("a proposer that restarts does not propose a second block in the same round", () => {
  const table = tableOfFour();
  table.restart(0, 1);
  expect(table.of(0, "build-proposal")).toHaveLength(0);
  expect(table.sent(0, "prepare")).toHaveLength(1);
  const rival = new Uint8Array([1, 2, 3]);
  const digest = digestOf(rival);
  table.give(0, {
    type: "proposal-built",
    now_ms: 0,
    height: 1,
    round: 0,
    block: rival,
  });
  expect(table.sent(0, "proposal")).toHaveLength(0);
  expect(table.sent(0, "prepare").some((vote) => vote.digest.join() === digest.join())).toBe(false);
});

test("two signed statements of one voter for one slot are evidence", () => {
  const table = tableOfFour();
  const vote = { height: 1, round: 0, voter: 2 };
  const one = signingOf(2).signPrepare(0, { ...vote, digest: new Uint8Array(32).fill(1) });
  const other = signingOf(2).signPrepare(0, { ...vote, digest: new Uint8Array(32).fill(2) });
  for (const message of [one, other]) table.give(3, { type: "message", now_ms: 0, message });
  expect(table.of(3, "evidence")).toMatchObject([{ voter: 2, messages: [one, other] }]);
});

test("signatures of another phase, height, round, epoch or chain are not taken", () => {
  const table = tableOfFour();
  table.mail.length = 0;
  const content = { height: 1, round: 0, voter: 2, digest: new Uint8Array(32).fill(1) };
  const good = signingOf(2).signPrepare(0, content);
  const foreign = new Signing({
    chainId: new Uint8Array(32),
    crypto: simulatedCrypto,
    signer: simulatedSigner(2),
  });
  const forgeries: VoteMessage[] = [
    { ...signingOf(2).signCommit(0, { ...content, delay_ms: 0 }), type: "prepare" } as VoteMessage,
    { ...good, voter: 1 },
    { ...signingOf(2).signPrepare(0, { ...content, height: 2 }), height: 1 },
    { ...signingOf(2).signPrepare(0, { ...content, round: 1 }), round: 0 },
    signingOf(2).signPrepare(1, content),
    foreign.signPrepare(0, content),
  ];
  for (const message of forgeries) table.give(3, { type: "message", now_ms: 0, message });
  expect(table.seat(3).state.rounds.get(0)?.prepares.size ?? 0).toBe(0);
  table.give(3, { type: "message", now_ms: 0, message: good });
  expect(table.seat(3).state.rounds.get(0)?.prepares.size).toBe(1);
});

test("what one voter can make others remember of coming rounds and heights is bounded", () => {
  const table = tableOfFour();
  const signing = signingOf(2);
  for (let i = 0; i < 500; i++) {
    const digest = digestOf(new Uint8Array([i & 255, i >> 8]));
    const vote = { height: 2, round: i, voter: 2, digest };
    const claim = { height: 1, round: 1 + i, voter: 2, prepared: undefined };
    const messages: VoteMessage[] = [
      signing.signPrepare(0, vote),
      signing.signPrepare(0, { ...vote, height: 50 }),
      signing.signPrepare(0, { ...vote, height: 1 }),
      {
        type: "round-change",
        claim: signing.signClaim(0, claim),
        prepares: [],
        block: undefined,
      },
    ];
    for (const message of messages) table.give(3, { type: "message", now_ms: 0, message });
  }
  const { state } = table.seat(3);
  expect(state.future.get(2)).toHaveLength(limits.futureMessagesPerVoter);
  expect(state.rounds.size).toBeLessThanOrEqual(1 + limits.roundsAhead);
  expect(state.farChanges.size).toBe(1);
  expect(state.round).toBe(0);
});

test("what others said early of the next height counts once it starts", () => {
  const table = tableOfFour();
  table.deliver(({ to }) => to !== 3);
  for (const voter of [0, 1, 2]) table.startHeight(voter, 2);
  table.deliver(everything);
  expect(table.of(3, "voter-ahead").length).toBeGreaterThan(0);
  table.startHeight(3, 2);
  table.deliver(everything);
  expect(table.of(3, "deliver")[0]?.decision.height).toBe(2);
});

test("a vote on an older height is answered with where this voter is, not with a vote", () => {
  const table = tableOfFour();
  table.deliver(({ to }) => to !== 3);
  for (const voter of [0, 1, 2]) table.startHeight(voter, 2, { waiting: false });
  table.timer(3, "round");
  table.deliver(({ from, to }) => from === 3 && to === 0);
  expect(table.of(0, "voter-behind")).toEqual([{ type: "voter-behind", voter: 3, height: 1 }]);
});

test("late commits of the parent join the decision that the next block carries", () => {
  const table = tableOfFour();
  table.deliver(everything);
  expect(table.of(1, "deliver")[0]?.decision.seals).toHaveLength(3);
  for (const voter of all) table.startHeight(voter, 2);
  const [build] = table.of(1, "build-proposal");
  expect(build?.parent?.seals.map(({ voter }) => voter)).toEqual([0, 1, 2, 3]);
});

test("a voter that reconnects hears this voter's votes of the round again", () => {
  const table = tableOfFour();
  table.deliver(isType("proposal"));
  table.mail.length = 0;
  table.give(0, { type: "peer-connected", now_ms: 0, voter: 2 });
  expect(table.mail.map(({ to, message }) => [to, message.type])).toEqual([
    [2, "proposal"],
    [2, "prepare"],
  ]);
});

test("a voter outside the set watches and decides with it, but says nothing", () => {
  const table = new EngineTable(5);
  const four = { ...table.voterSet, voters: table.voterSet.voters.slice(0, 4) };
  for (const voter of [0, 1, 2, 3, 4]) {
    table.give(voter, {
      type: "height-started",
      now_ms: 0,
      height: 1,
      voterSet: four,
      earliest_ms: 0,
      idle_ms: 10_000,
      transactionsWaiting: true,
    });
  }
  const heard = [...table.mail];
  table.deliver((mail) => {
    heard.push(mail);
    return true;
  });
  for (const { message } of heard) {
    table.give(4, { type: "message", now_ms: 0, message });
  }
  expect(table.of(4, "send")).toHaveLength(0);
  expect(table.of(4, "persist")).toHaveLength(0);
  expect(table.of(4, "deliver")).toHaveLength(1);
});

test("a step changes nothing but what it returns", () => {
  const table = tableOfFour();
  const { engine, state } = table.seat(2);
  const proposal = table.sent(0, "proposal")[0];
  if (proposal === undefined) throw new Error("voter 0 proposes");
  const input = { type: "message", now_ms: 3, message: proposal } as const;
  const before = structuredClone(state);
  const first = engine.step(state, input);
  expect(state).toEqual(before);
  expect(engine.step(state, input)).toEqual(first);
});
