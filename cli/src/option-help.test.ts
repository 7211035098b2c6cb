import { Command, Option } from "commander";
import { expect, test } from "vitest";
import { optionHelp } from "./option-help.ts";

test("help says what is required, the choices, and every default as settings have it", () => {
  const help = new Command("weigh")
    .configureHelp(optionHelp)
    .argument("[unit]", "what in", "kg")
    .requiredOption("--of <thing>", "what")
    .requiredOption("--by <scale>", "with what", "spring")
    .addOption(new Option("--side <side>", "which").choices(["left", "right"]).default("left"))
    .option("--host <name...>", "where", ["a", "b"])
    .option("--seen <item...>", "passed over", [])
    .option("--fast", "hurry", false)
    .helpInformation();
  const lines = help.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, " | "));
  expect(lines).toEqual(
    expect.arrayContaining([
      "unit | what in [kg]",
      "--of <thing> | what [required]",
      "--by <scale> | with what [spring]",
      "--side <side> | which (left, right) [left]",
      "--host <name...> | where [a b]",
      "--seen <item...> | passed over",
      "--fast | hurry",
    ]),
  );
});
