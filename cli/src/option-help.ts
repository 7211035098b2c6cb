import type { Argument, Help, Option } from "commander";

/** How help words options and arguments: choices behind the words, then [default] or [required], as for settings. */
export const optionHelp: Pick<Help, "optionDescription" | "argumentDescription"> = {
  optionDescription(option: Option): string {
    const isRequired = option.mandatory && option.defaultValue === undefined;
    const choices = option.argChoices;
    const words = choices ? `${option.description} (${choices.join(", ")})` : option.description;
    return isRequired ? `${words} [required]` : withDefault(words, option.defaultValue);
  },
  argumentDescription(argument: Argument): string {
    return withDefault(argument.description, argument.defaultValue);
  },
};

function withDefault(words: string, value: unknown): string {
  const text = Array.isArray(value) ? value.join(" ") : String(value ?? "");
  return text === "" || value === false ? words : `${words} [${text}]`;
}
