import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { CodedError, messageOf } from "@voltfog/runtime";
import type { WebhookReceiver } from "./alert-settings.ts";
import { type AllowedTarget, type CheckedTarget, checkTarget } from "./webhook-address.ts";

/** One message to a receiver; the same id every time it is tried. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

const timeout_ms = 10_000;
const secretMin = 16;

/**
 * The signature of a body: HMAC-SHA-256 over "time.body" in hex, with the time of sending in seconds, so that
 * a receiver can refuse what was recorded and sent again.
 */
export function signatureOf(o: { secret: string; sent_s: number; body: string }): string {
  const mac = createHmac("sha256", o.secret).update(`${o.sent_s}.${o.body}`).digest("hex");
  return `t=${o.sent_s},v1=${mac}`;
}

/**
 * Posts a message to a webhook, once. A receiver has taken it when it answers 2xx within ten seconds; a
 * redirect is not followed. DELIVERY_FAILED, WEBHOOK_REFUSED, SECRET_UNREADABLE.
 */
export async function postWebhook(
  receiver: WebhookReceiver,
  message: Message,
  o: { allowed: readonly AllowedTarget[]; now_ms: number; signal: AbortSignal },
): Promise<void> {
  const target = await checkTarget(receiver.url, o.allowed).catch((thrown: unknown) => {
    throw thrown instanceof CodedError ? thrown : failed(messageOf(thrown));
  });
  const secret = secretOf(receiver.secret);
  const sent_s = Math.floor(o.now_ms / 1000);
  const status = await send(target, {
    body: message.body,
    headers: {
      "content-type": "application/json",
      "user-agent": "voltfog-alerts/1",
      "voltfog-delivery": message.id,
      "voltfog-signature": signatureOf({ secret, sent_s, body: message.body }),
    },
    signal: o.signal,
  });
  if (status < 200 || status > 299) throw failed(`it answers ${status}`);
}

function secretOf(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, "utf8").trim();
  } catch (thrown) {
    throw new CodedError({ code: "SECRET_UNREADABLE", message: messageOf(thrown) });
  }
  if (secret.length >= secretMin) return secret;
  const message = `${path} holds fewer than ${secretMin} characters`;
  throw new CodedError({ code: "SECRET_UNREADABLE", message });
}

function send(
  { url, address, family }: CheckedTarget,
  o: { body: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<number> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: "POST",
      headers: { ...o.headers, "content-length": Buffer.byteLength(o.body) },
      signal: AbortSignal.any([o.signal, AbortSignal.timeout(timeout_ms)]),
      agent: false,
      // The address that was checked, whatever the name leads to by now.
      lookup: (_name, options, found) =>
        options.all === true ? found(null, [{ address, family }]) : found(null, address, family),
    });
    sent.once("error", (thrown) => reject(failed(messageOf(thrown))));
    sent.once("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy(); // What it says beyond the status is of no interest, and has no end.
    });
    sent.end(o.body);
  });
}

function failed(message: string): CodedError {
  return new CodedError({ code: "DELIVERY_FAILED", message });
}
