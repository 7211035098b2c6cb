import { messageOf } from "@voltfog/runtime";
import type { Failure } from "./bench-child.ts";

/** The other side of a BenchChild: answers what its parent asks, and ends when the parent has gone. */
export function answerRequests<Request, Reply>(
  answer: (request: Request) => Promise<Reply> | Reply,
): void {
  const reply = async (request: Request): Promise<Reply | Failure> => {
    try {
      return await answer(request);
    } catch (thrown) {
      return { kind: "failed", reason: messageOf(thrown) };
    }
  };
  process.on("message", (request) => {
    reply(request as Request).then(
      (answered) => process.send?.(answered, undefined, undefined, () => {}), // The parent may be gone.
      () => process.exit(1),
    );
  });
  process.once("disconnect", () => process.exit(0));
}
