import { execFile } from "node:child_process";
import { CodedError, messageOf } from "../../coded-error.ts";
import { classCommands, type LinkClasses, removeCommand } from "./class-commands.ts";

const limit_ms = 5000;
const outputMax_bytes = 1_048_576;

/**
 * Classes of traffic on one link, by the kernel's htb. Only a link whose root queue is the system's own is
 * taken, so that nobody's settings are lost; `close` gives it back.
 */
export class LinkShaper {
  readonly #device: string;
  readonly #tc: Tc;
  #isOpen = true;

  private constructor(device: string, tc: Tc) {
    this.#device = device;
    this.#tc = tc;
  }

  /**
   * TC_MISSING, TC_NOT_PERMITTED, LINK_TAKEN where somebody else has queues on the device, TC_FAILED with
   * what `tc` says. Then nothing is left behind. `netns` names a network namespace of `ip netns`.
   */
  static async open(link: LinkClasses, options: { netns?: string } = {}): Promise<LinkShaper> {
    const tc = tcIn(options.netns);
    const shown = await tc(["qdisc", "show", "dev", link.device, "root"]);
    // A queue that the system made itself has no handle.
    if (shown !== "" && !/^qdisc \S+ 0:/m.test(shown)) {
      throw new CodedError({
        code: "LINK_TAKEN",
        message: `${link.device} has queues of somebody else: ${shown.split("\n")[0]}`,
        remedy: `look at tc qdisc show dev ${link.device}`,
      });
    }
    const shaper = new LinkShaper(link.device, tc);
    try {
      for (const command of classCommands(link)) await tc(command);
    } catch (thrown) {
      await shaper.close().catch(() => {});
      throw thrown;
    }
    return shaper;
  }

  /** Bytes that went through each class, by its number as `tc` shows it, such as "1:10". */
  async sent_bytes(): Promise<ReadonlyMap<string, number>> {
    const text = await this.#tc(["-s", "class", "show", "dev", this.#device]);
    const found = text.matchAll(/^class htb (\S+) [\s\S]*?^ Sent (\d+) bytes/gm);
    return new Map([...found].map(([, id = "", bytes]) => [id, Number(bytes)]));
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#tc(removeCommand(this.#device));
  }
}

type Tc = (words: readonly string[]) => Promise<string>;

function tcIn(netns: string | undefined): Tc {
  const where = netns === undefined ? [] : ["-netns", netns];
  return (words) =>
    new Promise((resolve, reject) => {
      const options = { timeout: limit_ms, maxBuffer: outputMax_bytes };
      execFile("tc", [...where, ...words], options, (thrown, stdout, stderr) => {
        if (thrown === null) resolve(stdout);
        else reject(tcError(thrown, stderr.trim()));
      });
    });
}

function tcError(thrown: Error, said: string): CodedError {
  if ((thrown as { code?: unknown }).code === "ENOENT") {
    const message = "tc is not on this machine";
    return new CodedError({ code: "TC_MISSING", message, remedy: "install iproute2" });
  }
  if (/not permitted|permission denied/i.test(said)) {
    const message = `tc: ${said}`;
    return new CodedError({ code: "TC_NOT_PERMITTED", message, remedy: "grant CAP_NET_ADMIN" });
  }
  return new CodedError({ code: "TC_FAILED", message: `tc: ${said || messageOf(thrown)}` });
}
