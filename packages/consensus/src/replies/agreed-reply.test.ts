import { expect, test } from "vitest";
import { agreedReply } from "./agreed-reply.ts";

const validators = ["a", "b", "c", "d"];
const paid = new Uint8Array([1]);
const lie = new Uint8Array([2]);

test("the same word of f + 1 is enough: nobody waits for who is mute", async () => {
  const mute = new Promise<undefined>(() => {});
  const agreed = await agreedReply({
    validators,
    needed: 2,
    ask: (id) => (id === "b" ? mute : Promise.resolve(id === "a" ? lie : paid)),
  });
  expect(agreed).toEqual({ statement: paid, by: ["c", "d"] });
});

test("where no f + 1 say the same there is no answer", async () => {
  const said = new Map([
    ["a", paid],
    ["b", lie],
  ]);
  const asked: string[] = [];
  const ask = (id: string): Promise<Uint8Array | undefined> => {
    asked.push(id);
    return Promise.resolve(said.get(id));
  };
  expect(await agreedReply({ validators, needed: 2, ask })).toBeUndefined();
  expect(asked).toEqual(validators);
});

test("a fault of the asking itself is not taken for silence", async () => {
  const ask = (): Promise<undefined> => Promise.reject(new Error("no certificate"));
  await expect(agreedReply({ validators, needed: 2, ask })).rejects.toThrow("no certificate");
});
