import { expect, test } from "vitest";
import { isSameOrigin, type OriginHeaders } from "./same-origin.ts";

const host = "127.0.0.1:8080";

test.each<[string, OriginHeaders, boolean]>([
  ["the site's own page", { host, origin: "http://127.0.0.1:8080" }, true],
  ["the same behind a proxy", { host: "cloud:8080", "sec-fetch-site": "same-origin" }, true],
  ["a page of another port", { host, origin: "http://127.0.0.1:9000" }, false],
  ["the same, as browsers say it", { host, "sec-fetch-site": "same-site" }, false],
  ["another site", { host, "sec-fetch-site": "cross-site", origin: `http://${host}` }, false],
  ["an address that was typed", { host, "sec-fetch-site": "none" }, false],
  ["said twice", { host, "sec-fetch-site": ["same-origin", "cross-site"] }, false],
  ["a page without an origin", { host, origin: "null" }, false],
  ["a program", { host }, false],
  ["nothing", {}, false],
])("%s", (_, headers, expected) => {
  expect(isSameOrigin(headers)).toBe(expected);
});
