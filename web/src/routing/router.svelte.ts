/** Where the visitor is. Every filter and range lives in the address, so a link shows the same page. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function currentPlace(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

class Router {
  place: Place = $state.raw(currentPlace());

  constructor() {
    addEventListener("popstate", () => {
      this.place = currentPlace();
    });
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Goes to a page of ours and moves focus to its heading, as a full load would. */
  go(address: string): void {
    history.pushState(null, "", address);
    this.place = currentPlace();
    scrollTo(0, 0);
    requestAnimationFrame(() => document.querySelector<HTMLElement>("main h1")?.focus());
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
