import { parseMaintenanceNotice } from "@voltfog/messages";
import type { NoticeDesk, NoticeProblem } from "../notices/notice-desk.ts";
import type { App } from "./parameters.ts";

const statusOf: Readonly<Record<NoticeProblem["code"], number>> = {
  VEHICLE_UNKNOWN: 404,
  FRAME_UNKNOWN: 404,
  NOTICE_DIFFERS: 409,
  NOTICE_INVALID: 400,
  NOTICE_NOT_KEPT: 503,
};
const bodyMax_bytes = 16_384;

/**
 * POST of one maintenance notice: 201 {eventId} when it is durable as an event of this unit, 200 with the same
 * eventId for a repeat, and a code where it is not recorded.
 */
export function addNoticeRoutes(app: App, notices: Pick<NoticeDesk, "take">): void {
  app.post("/v1/notices", { bodyLimit: bodyMax_bytes }, async (request, reply) => {
    const parsed = parseMaintenanceNotice(request.body);
    if (!parsed.ok) {
      const { code, detail } = parsed.problem;
      return reply.status(400).send({ code, message: detail });
    }
    const taken = await notices.take(parsed.value);
    if (taken.ok) {
      const { eventId, isRepeat } = taken.value;
      return reply.status(isRepeat ? 200 : 201).send({ eventId });
    }
    const { code, detail } = taken.problem;
    return reply.status(statusOf[code]).send({ code, message: detail });
  });
}
