import { readFileSync } from "node:fs";
import { CodedError, messageOf } from "@voltfog/runtime";
import { createTransport } from "nodemailer";
import type { MailReceiver } from "./alert-settings.ts";

const timeout_ms = 20_000;
const loopback = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** A letter; its id is the same every time it is tried, so that a mail program shows it once. */
export interface Letter {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * Sends a letter over SMTP, once. The connection is encrypted (STARTTLS is required) except to a loopback
 * address. DELIVERY_FAILED, SECRET_UNREADABLE.
 */
export async function sendMail(receiver: MailReceiver, letter: Letter): Promise<void> {
  const url = new URL(receiver.server);
  const transport = createTransport({
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port),
    secure: url.protocol === "smtps:",
    requireTLS: url.protocol === "smtp:" && !loopback.test(url.hostname),
    ...loginOf(receiver.login),
    connectionTimeout: timeout_ms,
    greetingTimeout: timeout_ms,
    socketTimeout: timeout_ms,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { rejected } = await transport.sendMail({
      from: receiver.from,
      to: [...receiver.to],
      messageId: `<${letter.id}@voltfog>`,
      subject: letter.subject,
      text: letter.text,
    });
    if (rejected.length > 0)
      throw new Error(`the server takes no mail for ${rejected.length} of them`);
  } catch (thrown) {
    throw new CodedError({ code: "DELIVERY_FAILED", message: messageOf(thrown), cause: thrown });
  } finally {
    transport.close();
  }
}

function loginOf(path: string | undefined): { auth?: { user: string; pass: string } } {
  if (path === undefined) return {};
  try {
    const [, user = "", pass = ""] =
      /^([^:\n]+):([^\n]*)\n?$/.exec(readFileSync(path, "utf8")) ?? [];
    if (user === "") throw new Error(`${path} is no user:password`);
    return { auth: { user, pass } };
  } catch (thrown) {
    throw new CodedError({ code: "SECRET_UNREADABLE", message: messageOf(thrown) });
  }
}
