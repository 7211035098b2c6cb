import type { Component } from "svelte";
import { pageNeeds } from "./page-needs.ts";
import type { FoundRoute, PageProps, Route } from "./route.ts";

interface PageModule {
  readonly default: unknown;
}

/** Svelte types a page by exactly the properties it takes; given more, it passes them over. */
function page(load: () => Promise<PageModule>): Route["load"] {
  return async () => (await load()).default as Component<PageProps>;
}

const notFound: Route = {
  pattern: /^(.*)$/,
  section: "",
  load: page(() => import("../pages/not-found.svelte")),
};

const routes: readonly Route[] = [
  { pattern: /^\/$/, section: "/", load: page(() => import("../pages/start.svelte")) },
  {
    pattern: /^\/fleet$/,
    section: "/fleet",
    needs: pageNeeds["/fleet"],
    load: page(() => import("../pages/fleet.svelte")),
  },
  {
    pattern: /^\/vehicles\/([^/]+)$/,
    section: "/fleet",
    needs: "/v1/vehicles/:id",
    load: page(() => import("../pages/vehicle.svelte")),
  },
  {
    pattern: /^\/maintenance$/,
    section: "/maintenance",
    needs: pageNeeds["/maintenance"],
    load: page(() => import("../pages/maintenance.svelte")),
  },
  { pattern: /^\/drive$/, section: "/drive", load: page(() => import("../pages/drive.svelte")) },
  {
    pattern: /^\/operations$/,
    section: "/operations",
    needs: pageNeeds["/operations"],
    load: page(() => import("../pages/operations.svelte")),
  },
  {
    pattern: /^\/events\/([0-9a-f]{64})$/,
    section: "/operations",
    needs: "/v1/events/:id",
    load: page(() => import("../pages/event.svelte")),
  },
  { pattern: /^\/sign-in$/, section: "", load: page(() => import("../pages/sign-in.svelte")) },
  ...chainRoutes().map((route) => ({ needs: pageNeeds["/chain"], ...route })),
  { pattern: /^\/proof$/, section: "/chain", load: page(() => import("../pages/proof.svelte")) },
  ...marketRoutes().map((route) => ({ needs: pageNeeds["/settlement"], ...route })),
];

function marketRoutes(): readonly Route[] {
  const section = "/settlement";
  return [
    { pattern: /^\/settlement$/, section, load: page(() => import("../pages/settlement.svelte")) },
    { pattern: /^\/wallet$/, section, load: page(() => import("../pages/wallet.svelte")) },
    { pattern: /^\/piles$/, section, load: page(() => import("../pages/piles.svelte")) },
    { pattern: /^\/v2v$/, section, load: page(() => import("../pages/v2v.svelte")) },
  ];
}

function chainRoutes(): readonly Route[] {
  const section = "/chain";
  return [
    { pattern: /^\/chain$/, section, load: page(() => import("../pages/chain.svelte")) },
    {
      pattern: /^\/chain\/blocks\/([1-9][0-9]{0,15})$/,
      section,
      load: page(() => import("../pages/chain-block.svelte")),
    },
    {
      pattern: /^\/chain\/transactions$/,
      section,
      load: page(() => import("../pages/chain-transactions.svelte")),
    },
    {
      pattern: /^\/chain\/transactions\/([0-9a-f]{64})$/,
      section,
      load: page(() => import("../pages/chain-transaction.svelte")),
    },
    {
      pattern: /^\/chain\/validators$/,
      section,
      load: page(() => import("../pages/chain-validators.svelte")),
    },
    {
      pattern: /^\/chain\/epochs$/,
      section,
      load: page(() => import("../pages/chain-epochs.svelte")),
    },
    {
      pattern: /^\/chain\/changes$/,
      section,
      load: page(() => import("../pages/chain-changes.svelte")),
    },
    { pattern: /^\/chain\/logs$/, section, load: page(() => import("../pages/chain-logs.svelte")) },
  ];
}

/** The page of a path, and the id in it. */
export function routeOf(path: string): FoundRoute {
  for (const route of routes) {
    const found = route.pattern.exec(path);
    if (found !== null) return { route, id: decoded(found[1] ?? "") };
  }
  return { route: notFound, id: path };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where an address of before leads now: /ledger?block=7 is /chain/blocks/7. */
export function movedTo(path: string, query: URLSearchParams): string | undefined {
  if (path !== "/ledger") return undefined;
  const block = query.get("block");
  return block !== null && /^[1-9][0-9]{0,15}$/.test(block) ? `/chain/blocks/${block}` : "/chain";
}
