import fc from "fast-check";
import { expect, test } from "vitest";
import { cookieNameAt, parseSessionCookie, sessionCookie } from "./session-cookie.ts";

const id = "5f".repeat(32);

test("what a browser sends back of the cookie is the session, among any others", () => {
  const others = fc.array(fc.stringMatching(/^[a-z]{1,8}=[a-z0-9]{0,8}$/), { maxLength: 4 });
  const host = fc.constantFrom("site.example", "127.0.0.1:8080", "[::1]:9", undefined);
  fc.assert(
    fc.property(others, others, host, (before, after, at) => {
      const set = sessionCookie({ host: at, id, kept_ms: 60_000, isSecure: false });
      const [pair = ""] = set.split(";");
      expect(parseSessionCookie([...before, pair, ...after].join("; "), at)).toBe(id);
    }),
  );
});

test("any header gets a verdict, and what is taken is 32 bytes in hex", () => {
  const part = fc.oneof(fc.string(), fc.constantFrom(`voltfog_session=${id}`, "voltfog_session="));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.string(), (parts, host) => {
      const found = parseSessionCookie(parts.join(";"), host);
      if (found !== undefined) expect(found).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});

test.each([
  ["two of them", `voltfog_session=${id}; voltfog_session=${"00".repeat(32)}`],
  ["another port's", `voltfog_session_8080=${id}`],
  ["another name", `xvoltfog_session=${id}`],
  ["upper case", `voltfog_session=${id.toUpperCase()}`],
  ["a megabyte", `voltfog_session=${id}; a=${"b".repeat(1_000_000)}`],
])("%s names no session", (_, header) => {
  expect(parseSessionCookie(header, "site.example")).toBeUndefined();
});

test("no script reads it, no other site sends it, and over TLS it stays there", () => {
  const o = { host: "site.example", kept_ms: 3_600_000 };
  expect(sessionCookie({ ...o, id, isSecure: true })).toBe(
    `voltfog_session=${id}; Path=/v1; Max-Age=3600; HttpOnly; SameSite=Strict; Secure`,
  );
  expect(sessionCookie({ ...o, id: undefined, isSecure: false })).toBe(
    "voltfog_session=; Path=/v1; Max-Age=0; HttpOnly; SameSite=Strict",
  );
  expect(cookieNameAt("127.0.0.1:8080")).toBe("voltfog_session_8080");
});
