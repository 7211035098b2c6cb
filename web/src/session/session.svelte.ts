import { ApiError, deleteJson, getJson, postJson, whenNotLetIn } from "../api/client.ts";
import type { RefusedRoute, SessionView } from "./session-view.ts";

/** A role that changes, or a token that is taken away, is seen this late on a page that asks nothing. */
const check_ms = 60_000;
const address = "/v1/session";

/**
 * Who is signed in in this browser. The sign-in itself is a cookie that no script can read; this is what the
 * server says of it, asked again when an answer says that it holds no longer.
 */
class Session {
  view: SessionView | undefined = $state.raw(undefined);
  /** Whether the server was asked once; it may not have answered. */
  isAsked: boolean = $state(false);
  #asking: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #others: BroadcastChannel | undefined;

  /** Changes whenever somebody else is on the page, or may do other things. */
  get identity(): string {
    const { caller = null, signedIn = false } = this.view ?? {};
    return JSON.stringify([caller, signedIn]);
  }

  start(): void {
    whenNotLetIn(() => void this.check());
    this.#others = new BroadcastChannel("voltfog-session");
    this.#others.onmessage = () => void this.check();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.check();
    });
    void this.check();
  }

  /** Asks who is signed in; several who want to know at a time ask once. */
  check(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Whether the API would answer; while nobody knows, it may. */
  may(route: string): boolean {
    return this.view?.may.includes(route) ?? true;
  }

  /** Why not, where it would not. */
  refusal(route: string): RefusedRoute | undefined {
    return this.view?.refused.find((refused) => refused.route === route);
  }

  /** ApiError with the server's code where the token lets nobody in. */
  async signIn(token: string): Promise<void> {
    this.#take(await postJson<SessionView>(address, JSON.stringify({ token })));
    this.#others?.postMessage("changed");
  }

  async signOut(): Promise<void> {
    const view = await deleteJson<SessionView>(address);
    this.view = undefined;
    this.#take(view);
    this.#others?.postMessage("changed");
  }

  async #ask(): Promise<void> {
    try {
      const before = this.view;
      const view = await getJson<SessionView>(address);
      // What came back on the way of a sign-in that was in hand is not newer than that.
      if (this.view === before) this.#take(view);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      this.#again(check_ms);
    } finally {
      this.isAsked = true;
    }
  }

  #take(answer: SessionView): void {
    const view = { ...answer, ended: answer.ended ?? this.#endingOf(answer) };
    this.view = view;
    this.isAsked = true;
    // Behind the end, so that the answer says it: the server's clock decides, not this one.
    const left_ms = view.expires_ms === null ? check_ms : view.expires_ms - view.now_ms + 500;
    this.#again(Math.min(check_ms, Math.max(500, left_ms)));
  }

  /** The browser drops a cookie whose time is over, so that the server cannot say what became of it. */
  #endingOf({ signedIn, caller }: SessionView): SessionView["ended"] {
    if (signedIn || this.view === undefined) return null;
    if (this.view.signedIn) return { code: "SESSION_ENDED", message: "the sign-in is over" };
    return caller === null ? this.view.ended : null;
  }

  #again(wait_ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!document.hidden) void this.check();
    }, wait_ms);
  }
}

export const session: Session = new Session();
