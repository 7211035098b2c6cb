import { getBytes } from "../api/client.ts";

/**
 * The genesis file that this browser trusts. It is fetched once, when the page starts, and kept:
 * a server that later shows another chain does not verify here. A visitor can replace it by a file
 * from another source (on the ledger page).
 */
const place = "voltfog.genesis";
let pinned: Promise<Uint8Array> | undefined;

export function pinnedGenesis(): Promise<Uint8Array> {
  pinned ??= load();
  pinned.catch(() => {
    pinned = undefined;
  });
  return pinned;
}

export function pinGenesis(bytes: Uint8Array): void {
  sessionStorage.setItem(place, btoa(String.fromCharCode(...bytes)));
  pinned = Promise.resolve(bytes);
}

async function load(): Promise<Uint8Array> {
  const kept = sessionStorage.getItem(place);
  if (kept !== null) return Uint8Array.from(atob(kept), (character) => character.charCodeAt(0));
  const bytes = await getBytes("/v1/genesis");
  pinGenesis(bytes);
  return bytes;
}
