import { pageNeeds } from "../routing/page-needs.ts";
import { session } from "./session.svelte.ts";

/**
 * Whether a door of the pages is there: who is nobody yet sees every one, since each leads to the sign-in; who
 * is somebody, those that open.
 */
export function isDoorThere(path: string): boolean {
  const needs: Readonly<Record<string, string>> = pageNeeds;
  const needed = needs[path];
  return session.view?.caller == null || needed === undefined || session.may(needed);
}
