import { expect, it } from "vitest";
import type { OutcomeWord } from "../../consensus/outcome-door.ts";
import { type Answer, ReplyCount } from "./reply-count.ts";

const signed = { bytes: new Uint8Array(200), hash: new Uint8Array(32).fill(7) };

function waiting(): { replies: ReplyCount; answers: Answer[]; say: typeof say } {
  const replies = new ReplyCount(2);
  const answers: Answer[] = [];
  replies.add({ signed, door: 1, answered: (answer) => answers.push(answer) });
  const say = (door: number, height: number, word: OutcomeWord): void => {
    replies.hear(door, { height, outcomes: [{ hash: signed.hash, word }] }, 10 * door);
  };
  return { replies, answers, say };
}

it("answers when a second door says the same, once", () => {
  const { replies, answers, say } = waiting();
  say(0, 5, "done");
  say(0, 5, "done");
  expect(answers).toEqual([]);
  say(3, 5, "done");
  say(2, 5, "done");
  expect(answers).toEqual([{ word: "done", at_ms: 30 }]);
  expect(replies.size).toBe(0);
});

it("does not add up doors that name other heights or outcomes", () => {
  const { answers, say } = waiting();
  say(0, 5, "done");
  say(1, 6, "done");
  say(2, 5, "refused");
  expect(answers).toEqual([]);
  say(3, 5, "refused");
  expect(answers).toEqual([{ word: "refused", at_ms: 30 }]);
});

it("is turned away by the door that it was given to, and by no other", () => {
  const { replies, answers, say } = waiting();
  say(2, 0, "turned-away");
  expect(answers).toEqual([]);
  expect(replies.of(1)).toHaveLength(1);
  say(1, 0, "turned-away");
  expect(answers).toEqual([{ word: "turned-away", at_ms: 10 }]);
});

it("forgets what has no answer, and says how many", () => {
  const { replies, answers, say } = waiting();
  expect(replies.forget()).toBe(1);
  say(0, 5, "done");
  say(1, 5, "done");
  expect(answers).toEqual([]);
});
