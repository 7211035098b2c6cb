import { assert } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulatedChainId as chainId } from "../simulation/consortium.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { EngineTable, isType } from "../testing/engine-table.ts";
import type { CommitCertificate, VoteMessage } from "./message.ts";
import { Signing } from "./signing.ts";

type Mail = EngineTable["mail"][number];

const everything = (): boolean => true;
const without =
  (...voters: readonly number[]) =>
  ({ from, to }: Mail): boolean =>
    !(voters.includes(from) || voters.includes(to));

function tableOf(voters: number, redundant = 0): EngineTable {
  const table = new EngineTable(voters, "sbft", redundant);
  for (let voter = 0; voter < voters; voter++) table.startHeight(voter, 1);
  return table;
}

function signingOf(voter: number): Signing {
  return new Signing({ chainId, crypto: simulatedCrypto, signer: simulatedSigner(voter) });
}

const decisionsOf = (table: EngineTable, voter: number) =>
  table.of(voter, "deliver").map(({ decision }) => decision);

/** Everybody ends the round and hears the others, apart from those who are gone. */
function changeRound(table: EngineTable, gone: readonly number[]): void {
  const here = [...table.seats.keys()].filter((voter) => !gone.includes(voter));
  for (const voter of here) table.timer(voter, "round");
  table.deliver(without(...gone));
}

function nextHeight(table: EngineTable, passes: (mail: Mail) => boolean): void {
  const height = table.seat(0).state.height + 1;
  for (const voter of table.seats.keys()) table.startHeight(voter, height);
  table.deliver(passes);
}

describe("the fast path", () => {
  test.each([
    [4, 0],
    [7, 0],
    [10, 0],
    [6, 1],
    [11, 2],
  ])("%i voters, %i of them redundant, decide one block with 3(n − 1) messages", (n, c) => {
    const table = tableOf(n, c);
    let messages = 0;
    // The redundant voters' shares come last, when the block is decided.
    table.deliver(() => ++messages > 0);
    expect(messages).toBe(3 * (n - 1));
    const decisions = table.seats.map((_, voter) => decisionsOf(table, voter)[0]);
    for (const decision of decisions) {
      expect(decision).toMatchObject({ form: "fast", round: 0, digest: decisions[0]?.digest });
    }
    expect(decisions[0]?.seals).toHaveLength(n - c);
  });

  test("is not left while no more voters than the redundant ones are gone", () => {
    const table = tableOf(11, 2);
    table.deliver(without(4, 9));
    expect(decisionsOf(table, 0)[0]).toMatchObject({ form: "fast", round: 0 });
    expect(decisionsOf(table, 10)[0]?.seals.map(({ voter }) => voter)).not.toContain(4);
    expect(table.of(0, "set-timer").map(({ timer }) => timer)).toContain("fast");
    expect(table.of(0, "cancel-timer").map(({ timer }) => timer)).toContain("fast");
  });

  test.each([[[3]], [[3, 6]]])(
    "gives way to the slow one after a wait when voters %j are silent, and comes back",
    (silent) => {
      const table = tableOf(7);
      const heard = without(...silent);
      table.deliver(heard);
      expect(decisionsOf(table, 0)).toHaveLength(0);
      expect(table.sent(0, "prepare-certificate")).toHaveLength(0);
      table.timer(0, "fast");
      table.deliver(heard);
      // Then nobody waits, until the shares came in time in as many blocks as it takes.
      for (const passes of [heard, everything, everything, everything]) nextHeight(table, passes);
      const forms = decisionsOf(table, 1).map(({ form }) => form);
      expect(forms).toEqual(["commit", "commit", "fast", "fast", "fast"]);
      expect(decisionsOf(table, 1).every(({ round }) => round === 0)).toBe(true);
      const slow = table.sent(0, "prepare-certificate").map(({ height }) => height);
      expect(slow).toEqual([1, 2, 3, 4]);
    },
  );

  test("needs no collector once shares are said again to everybody", () => {
    const table = tableOf(4);
    table.deliver(isType("proposal"));
    for (const voter of [0, 1, 2, 3]) table.timer(voter, "resend");
    table.deliver(({ to, message }) => to === 2 && message.type === "prepare");
    expect(decisionsOf(table, 2)[0]).toMatchObject({ form: "fast", round: 0 });
  });

  test("a share that comes after the PREPARE was shown still counts", () => {
    const table = tableOf(4);
    table.deliver(({ from, message }) => from !== 3 || message.type !== "prepare");
    table.timer(0, "fast");
    table.deliver(({ to, message }) => to === 2 && message.type === "prepare-certificate");
    for (const voter of [0, 1, 3]) table.timer(voter, "resend");
    table.deliver(({ to, message }) => to === 2 && message.type === "prepare");
    expect(decisionsOf(table, 2)[0]).toMatchObject({ form: "fast", round: 0 });
  });

  test("a late share joins the parent's certificate, and a COMMIT joins no fast one", () => {
    const table = tableOf(6, 1);
    const late: VoteMessage[] = [];
    table.deliver(({ from, message }) => {
      if (from === 5 && message.type === "prepare") late.push(message);
      return from !== 5;
    });
    table.startHeight(0, 2);
    const [prepare] = late;
    assert(prepare?.type === "prepare", "voter 5 said PREPARE");
    const { height, round, voter, digest } = prepare;
    const commit = signingOf(5).signCommit(0, { height, round, voter, digest, delay_ms: 0 });
    const sealers = (): readonly number[] =>
      table.seat(0).state.parent?.decision.seals.map((seal) => seal.voter) ?? [];
    table.give(0, { type: "message", now_ms: 0, message: commit });
    expect(sealers()).toEqual([0, 1, 2, 3, 4]);
    table.give(0, { type: "message", now_ms: 0, message: prepare });
    expect(sealers()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a PREPARE with a share that its voter did not sign is not taken", () => {
    const table = tableOf(4);
    table.deliver(isType("proposal"));
    const [prepare] = table.sent(3, "prepare");
    assert(prepare?.fast !== undefined, "voter 3 gave a share");
    const fast = { ...prepare.fast, delay_ms: 7 };
    table.give(0, { type: "message", now_ms: 0, message: { ...prepare, fast } });
    expect(table.seat(0).state.rounds.get(0)?.prepares.has(3)).toBe(false);
    table.give(0, { type: "message", now_ms: 0, message: prepare });
    expect(table.seat(0).state.rounds.get(0)?.shares.has(3)).toBe(true);
  });

  test("a fast certificate decides with n − c valid shares and not with less", () => {
    const table = tableOf(6, 1);
    table.deliver(isType("proposal"));
    const digest = table.sent(0, "proposal")[0]?.digest;
    assert(digest !== undefined, "voter 0 proposed");
    const place = { height: 1, round: 0, digest };
    const shares = [0, 1, 2, 3, 4].map((voter) =>
      signingOf(voter).signShare(0, { ...place, voter, delay_ms: 0 }),
    );
    const commits = [0, 1, 2, 3, 4].map((voter) =>
      signingOf(voter).signCommit(0, { ...place, voter, delay_ms: 0 }),
    );
    const good: CommitCertificate = {
      type: "commit-certificate",
      form: "fast",
      ...place,
      voter: 0,
      seals: shares,
    };
    const wrong: CommitCertificate[] = [
      { ...good, seals: shares.slice(1) },
      { ...good, seals: [...shares.slice(1), ...shares.slice(1, 2)] },
      { ...good, seals: commits },
      { ...good, round: 1 },
      { ...good, form: "commit" },
    ];
    for (const message of wrong) table.give(5, { type: "message", now_ms: 0, message });
    expect(decisionsOf(table, 5)).toHaveLength(0);
    table.give(5, { type: "message", now_ms: 0, message: good });
    expect(decisionsOf(table, 5)[0]).toMatchObject({ form: "fast", digest });
  });
});

describe("a changed round", () => {
  test.each([
    [4, 0],
    [6, 1],
    [7, 0],
  ])("keeps what one voter alone saw decided in one phase (%i voters, %i redundant)", (n, c) => {
    const table = tableOf(n, c);
    table.deliver(({ message }) => message.type !== "commit-certificate");
    const [decided] = decisionsOf(table, 0);
    expect(decided?.form).toBe("fast");
    changeRound(table, [0]);
    // One is gone: with c = 0 the slow path has to do it.
    table.timer(1, "fast");
    table.deliver(without(0));
    for (let voter = 1; voter < n; voter++) {
      expect(decisionsOf(table, voter)[0]).toMatchObject({ round: 1, digest: decided?.digest });
    }
  });

  test("keeps it when every other voter was started again, and only votes on disk know", () => {
    const table = tableOf(4);
    table.deliver(({ message }) => message.type !== "commit-certificate");
    const [decided] = decisionsOf(table, 0);
    for (const voter of [1, 2, 3]) table.restart(voter, 1);
    table.mail.length = 0;
    changeRound(table, [0]);
    expect(table.sent(1, "proposal")[0]?.digest).toEqual(decided?.digest);
    const claims = table.sent(1, "proposal")[0]?.claims ?? [];
    expect(claims.map(({ fast }) => fast?.digest)).toEqual([1, 2, 3].map(() => decided?.digest));
    const before = table.sent(2, "round-change")[0]?.claim;
    table.restart(2, 1);
    expect(table.sent(2, "round-change")[0]?.claim).toEqual(before);
  });

  test("has any block where shares are fewer than evidence, and keeps the prepared one above them", () => {
    const table = tableOf(4);
    // Round 0: its block reaches voters 0 and 1, and 0 is gone: one share is left.
    table.deliver(({ to, message }) => message.type === "proposal" && to === 1);
    const first = table.sent(0, "proposal")[0]?.digest;
    for (const voter of [1, 2, 3]) table.timer(voter, "round");
    table.deliver((mail) => without(0)(mail) && mail.message.type !== "prepare-certificate");
    const second = table.sent(1, "proposal")[0]?.digest;
    expect(second).not.toEqual(first);
    // Voter 1 shows its certificate to voter 2 alone, and is gone: its block is prepared at 2.
    table.timer(1, "fast");
    table.deliver(({ to, message }) => to === 2 && message.type === "prepare-certificate");
    changeRound(table, [1]);
    expect(table.sent(2, "proposal")[0]).toMatchObject({ round: 2, digest: second });
    expect(table.sent(2, "proposal")[0]?.prepares).toHaveLength(3);
  });

  test("is not justified by a block that contradicts the shares, or by too few claims", () => {
    const table = tableOf(6, 1);
    table.deliver(({ message }) => message.type !== "commit-certificate");
    const decided = decisionsOf(table, 0)[0]?.digest;
    changeRound(table, [0, 5]);
    // Four claims are a quorum, and one fewer than it takes here.
    expect(table.sent(1, "proposal")).toHaveLength(0);
    table.timer(5, "round");
    table.deliver(({ from, to }) => from === 5 && to === 1);
    const [proposal] = table.sent(1, "proposal");
    assert(proposal !== undefined, "voter 1 proposes with five claims");
    expect(proposal).toMatchObject({ round: 1, digest: decided });
    const block = new Uint8Array([9]);
    const digest = simulatedCrypto.sha256(block);
    const { type: _, signature: __, ...content } = proposal;
    for (const change of [{ block, digest }, { claims: proposal.claims.slice(1) }]) {
      const message = signingOf(1).signProposal(0, { ...content, ...change });
      table.give(3, { type: "message", now_ms: 0, message });
    }
    expect(table.seat(3).state.rounds.get(1)?.proposal).toBeUndefined();
    table.give(3, { type: "message", now_ms: 0, message: proposal });
    expect(table.seat(3).state.rounds.get(1)?.proposal).toBeDefined();
  });

  test("leaves one block of a height, whatever is lost, late, said again or started again", () => {
    const step = fc.record({
      kind: fc.constantFrom("mail", "mail", "mail", "mail", "drop", "timer", "restart"),
      pick: fc.nat(1000),
      voter: fc.nat(5),
      timer: fc.constantFrom("round", "fast", "fast", "resend"),
    });
    fc.assert(
      fc.property(
        fc.constantFrom([4, 0] as const, [6, 1] as const),
        fc.array(step, { minLength: 40, maxLength: 160 }),
        ([n, c], steps) => {
          const table = tableOf(n, c);
          for (const { kind, pick, voter: any, timer } of steps)
            perform(table, { kind, pick, any, timer });
          const decided = table.seats.flatMap((_, voter) => decisionsOf(table, voter));
          expect(new Set(decided.map(({ digest }) => digest.join())).size).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 150 },
    );
  });
});

function perform(
  table: EngineTable,
  step: { kind: string; pick: number; any: number; timer: string },
): void {
  const voter = step.any % table.seats.length;
  if (step.kind === "timer") table.timer(voter, step.timer);
  else if (step.kind === "restart" && decisionsOf(table, voter).length === 0)
    table.restart(voter, 1);
  else if (table.mail.length > 0) {
    const [mail] = table.mail.splice(step.pick % table.mail.length, 1);
    if (mail === undefined || step.kind === "drop") return;
    table.give(mail.to, { type: "message", now_ms: table.now_ms, message: mail.message });
  }
}
