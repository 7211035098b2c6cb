import type { Component } from "svelte";

/** What the address says beside the page; empty where the page needs nothing. */
export interface PageProps {
  readonly id: string;
}

/** A page's own script comes when somebody goes there. */
export interface Route {
  /** Of the whole path; its first group is the page's id. */
  readonly pattern: RegExp;
  /** The door of the navigation that it stands behind. */
  readonly section: string;
  /** Route of the API without which the page has nothing to show: who may not call it does not see the page. */
  readonly needs?: string;
  readonly load: () => Promise<Component<PageProps>>;
}

export interface FoundRoute {
  readonly route: Route;
  /** What the path says beside the page. */
  readonly id: string;
}

/** Which page an address has; given to the router, so that it need not know the pages, which know it. */
export interface RouteTable {
  routeOf(path: string): FoundRoute;
  /** Where an address of before leads now. */
  movedTo(path: string, query: URLSearchParams): string | undefined;
}
