import type { Command } from "commander";
import { complaint } from "./complaint.ts";
import { readInputFile } from "./input-file.ts";

/** A login of another system is the longest. */
const tokenMax = 8192;

/** Adds the flag that names the token's file to a command that asks a cloud. */
export function addTokenFlag(command: Command): Command {
  return command.option(
    "--token-file <file>",
    "its first line is shown to a cloud that asks for a token (or VOLTFOG_TOKEN)",
  );
}

/**
 * The token that a command shows to a cloud: the first line of a file, else VOLTFOG_TOKEN; undefined where
 * neither is there. FILE_UNREADABLE, TOKEN_MALFORMED.
 */
export function cloudToken(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const text =
    file === undefined
      ? (environment["VOLTFOG_TOKEN"] ?? "")
      : (new TextDecoder().decode(readInputFile(file)).split(/\r?\n/, 1)[0] ?? "");
  const token = text.trim();
  if (token === "" && file === undefined) return undefined;
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= tokenMax) return token;
  throw complaint({
    code: "TOKEN_MALFORMED",
    what: `${file ?? "VOLTFOG_TOKEN"} holds no token`,
    remedy: "put what voltfog token create printed in its first line, alone",
  });
}

/** What to do where a cloud answered 401 or 403 with this code. */
export function tokenRemedy(code: string): string {
  if (code === "TOKEN_MISSING") {
    return "show a token with --token-file or VOLTFOG_TOKEN; whoever runs the site makes one with voltfog token create";
  }
  return code === "ROLE_REFUSED" || code === "LOGIN_WITHOUT_ROLE"
    ? "name the token of a role that may, with --token-file or VOLTFOG_TOKEN"
    : "name a token of this site that holds, with --token-file or VOLTFOG_TOKEN; voltfog token create makes one";
}
