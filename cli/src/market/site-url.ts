import { complaint } from "../complaint.ts";
import { readUpFile } from "../supervisor/up-file.ts";

/** Where the cloud of a running site is. NOT_RUNNING. */
export function siteUrl(root: string): string {
  const web = readUpFile(root)?.web;
  if (web !== undefined) return web;
  throw complaint({
    code: "NOT_RUNNING",
    what: `no site runs on ${root}`,
    remedy: "start one with voltfog up, or name a cloud with --url",
  });
}
