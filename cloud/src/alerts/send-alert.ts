import type { Clock } from "@voltfog/runtime";
import { type Alert, type AlertNews, newsWords } from "./alert.ts";
import type { Receiver } from "./alert-settings.ts";
import type { Delivery } from "./alert-store.ts";
import { sendMail } from "./mail.ts";
import type { NoticeSender } from "./notice-sender.ts";
import { postWebhook } from "./webhook.ts";
import type { AllowedTarget } from "./webhook-address.ts";

/**
 * Hands one message to its receiver, once; gives the event that recorded it, where the receiver is the chain.
 * DELIVERY_FAILED, WEBHOOK_REFUSED, SECRET_UNREADABLE, and the codes of NoticeSender.
 */
export function senderOf(o: {
  notices: Pick<NoticeSender, "send">;
  allowed: readonly AllowedTarget[];
  clock: Clock;
  signal: AbortSignal;
}): (receiver: Receiver, delivery: Delivery) => Promise<string | undefined> {
  return async (receiver, delivery) => {
    if (receiver.kind === "chain") return await o.notices.send(delivery);
    const id = `alert-${delivery.alertId}-${delivery.id}`;
    if (receiver.kind === "webhook") {
      const { allowed, signal } = o;
      const sent = { id, body: delivery.body };
      await postWebhook(receiver, sent, { allowed, now_ms: o.clock.wall_ms(), signal });
      return undefined;
    }
    const { alert } = JSON.parse(delivery.body) as { alert: Alert };
    await sendMail(receiver, { id, ...letterOf(alert, delivery.news) });
    return undefined;
  };
}

/** An alert as a letter: what, where, since when, what to do. */
export function letterOf(alert: Alert, news: AlertNews): { subject: string; text: string } {
  const { id, vehicleId, level, sentence, first_ms, times, runbook, origin } = alert;
  const lines = [
    `${newsWords[news]}: ${sentence}`,
    "",
    `Vehicle: ${vehicleId}`,
    `Level: ${level} of 3`,
    `Since: ${new Date(first_ms).toISOString()}, found ${times} times`,
    `What to do: /v1/maintenance/runbook, entry ${runbook}`,
    `Alert: /v1/alerts/${id}`,
    ...(origin === "measured" ? [] : [`The data are ${origin}, not measured.`]),
  ];
  const subject = `[Voltfog] ${newsWords[news]}, level ${level}: ${vehicleId}`;
  return { subject, text: `${lines.join("\n")}\n` };
}
