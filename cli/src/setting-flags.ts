import type { Setting } from "@voltfog/runtime";

/** rate_Hz → rate-hz, httpPort → http-port: the flag of a setting. */
export function flagName(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}

/** The line of help for a setting's flag. */
export function flagHelp(setting: Setting): string {
  const range =
    setting.kind === "integer" || setting.kind === "number"
      ? ` (${setting.min}..${setting.max}${setting.unit === undefined ? "" : ` ${setting.unit}`})`
      : "";
  return `${setting.description}${range}${defaultText(setting)}`;
}

function defaultText(setting: Setting): string {
  if (setting.default === undefined) return " [required]";
  const text = Array.isArray(setting.default) ? setting.default.join(",") : String(setting.default);
  return text === "" ? "" : ` [${text}]`;
}

/** The placeholder behind a flag. */
export function flagPlaceholder(setting: Setting): string {
  const names = {
    text: "<text>",
    path: "<path>",
    integer: "<n>",
    number: "<n>",
    flag: "<true|false>",
    list: "<a,b,…>",
  };
  return names[setting.kind];
}
