import { type Component, tick } from "svelte";
import type { PageProps, RouteTable } from "./route.ts";

/** Where the visitor is. Every filter and range lives in the address, so a link shows the same page. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function currentPlace(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** The page on the screen. */
interface ShownPage {
  /** Another key is another page, also of the same kind. */
  readonly key: string;
  readonly id: string;
  /** What it shows nothing without. */
  readonly needs: string | undefined;
  readonly Page: Component<PageProps>;
}

class Router {
  /** Changes together with the page: no page sees the address of another one. */
  place: Place = $state.raw(currentPlace());
  /** Undefined until the first page's script is there. */
  page: ShownPage | undefined = $state.raw(undefined);
  section: string = $state("");
  /** Counts the addresses gone to, so that a page that is already shown hears that somebody came to it again. */
  visits: number = $state(0);
  /** The script of the page that the visitor goes to did not come. */
  failed: boolean = $state(false);
  #turn = 0;
  #routes: RouteTable | undefined;

  constructor() {
    addEventListener("popstate", () => void this.#show());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Shows the page of the present address, and from then on that of each one gone to. */
  start(routes: RouteTable): void {
    this.#routes = routes;
    void this.#show();
  }

  /** Goes to a page of ours; once it is there, to its top and its heading, as a full load would. */
  go(address: string): void {
    history.pushState(null, "", address);
    void this.#show().then(async (isShown) => {
      if (!isShown) return;
      await tick();
      scrollTo(0, 0);
      document.querySelector<HTMLElement>("main h1")?.focus();
    });
  }

  /** Shows what the address says once its script is there; false where the visitor went on meanwhile. */
  async #show(): Promise<boolean> {
    const routes = this.#routes;
    if (routes === undefined) return false;
    this.#turn += 1;
    const turn = this.#turn;
    const moved = routes.movedTo(location.pathname, new URLSearchParams(location.search));
    if (moved !== undefined) history.replaceState(null, "", moved);
    const { route, id } = routes.routeOf(location.pathname);
    this.section = route.section;
    const Page = await route.load().catch(() => undefined);
    if (turn !== this.#turn) return false;
    this.failed = Page === undefined;
    this.place = currentPlace();
    this.visits += 1;
    if (Page === undefined) return true;
    const key = `${route.pattern} ${id}`;
    if (this.page?.key !== key) this.page = { key, id, needs: route.needs, Page };
    return true;
  }

  /** Changes a filter without a new history entry; undefined removes it. */
  set(name: string, value: string | undefined): void {
    this.setAll({ [name]: value });
  }

  /** The same for several filters in one step. */
  setAll(values: Readonly<Record<string, string | undefined>>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    history.replaceState(null, "", text === "" ? location.pathname : `?${text}`);
    this.place = currentPlace();
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey) return;
    const link = (event.target as Element).closest("a");
    if (link === null || link.origin !== location.origin || link.target !== "") return;
    if (link.hasAttribute("download") || link.hash !== "" || /^\/(v1|openapi)/.test(link.pathname))
      return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router: Router = new Router();
