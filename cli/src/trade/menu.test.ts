import { CodedError } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { type Dialogue, runMenu } from "./menu.ts";
import type { FieldValues, Operation } from "./operation.ts";

/** A person who gives these answers and then goes away. */
class ScriptedPerson implements Dialogue {
  readonly heard: string[] = [];
  readonly #answers: string[];

  constructor(answers: readonly string[]) {
    this.#answers = [...answers];
  }

  ask(question: string): Promise<string | undefined> {
    this.heard.push(question);
    return Promise.resolve(this.#answers.shift());
  }

  say(text: string): void {
    this.heard.push(text);
  }
}

interface Visits {
  readonly values: FieldValues[];
}

const pay: Operation<Visits> = {
  name: "pay",
  summary: "Pay somebody",
  explanation: "Moves money.",
  example: "pay 5",
  fields: [
    { name: "amount", value: "amount", summary: "how much", question: "How much" },
    { name: "to", value: "who", summary: "to whom", question: "To whom", fallback: "ben" },
  ],
  run(session, values) {
    if (values["amount"] === "0") {
      throw new CodedError({ code: "AMOUNT_INVALID", message: "nothing", remedy: "give more" });
    }
    session.values.push(values);
    return Promise.resolve({ text: "paid", json: {} });
  },
};

async function visit(...answers: readonly string[]): Promise<Visits & ScriptedPerson> {
  const session: Visits = { values: [] };
  const dialogue = new ScriptedPerson(answers);
  const parts = [{ title: "Money", operations: [pay] }];
  await runMenu({ parts, session, dialogue, greeting: () => "hello" });
  return Object.assign(dialogue, session);
}

describe("the menu", () => {
  it("explains what was chosen by number or name, and asks for each field", async () => {
    const { values, heard } = await visit("1", "5", "ada", "pay", "7", "", "q");
    expect(values).toEqual([
      { amount: "5", to: "ada" },
      { amount: "7", to: "ben" },
    ]);
    expect(heard.join("\n")).toMatch(/hello\nMoney\n {3}1 {2}pay +Pay somebody/);
    expect(heard).toContain("\nMoves money.");
    expect(heard).toContain("To whom [ben]");
    expect(heard.filter((line) => line === "paid")).toHaveLength(2);
  });

  it("says a refusal with its code and goes on", async () => {
    const { values, heard } = await visit("1", "0", "", "1", "4", "", "q");
    expect(heard).toContain("AMOUNT_INVALID: nothing; give more");
    expect(values).toHaveLength(1);
  });

  it("asks again for what cannot be left out, and takes no choice that is not there", async () => {
    const { values, heard } = await visit("9", "1", "", "", "3", "", "q");
    expect(heard).toContain("There is no 9 here.");
    expect(heard.filter((line) => line === "How much")).toHaveLength(3);
    expect(values).toEqual([{ amount: "3", to: "ben" }]);
  });

  it("ends where the person goes away, in the middle too", async () => {
    expect((await visit()).values).toEqual([]);
    expect((await visit("1", "5")).values).toEqual([]);
  });
});
