import { expect, test } from "vitest";
import {
  callerWords,
  endingWords,
  refusalWords,
  signInAddress,
  wayBack,
  whoMayWords,
} from "./session-words.ts";

const whole = `vf_${"a".repeat(64)}`;

test.each([
  ["TOKEN_INVALID", whole, "No such token is known here"],
  ["TOKEN_INVALID", whole.slice(1, -1), "neither a token"],
  ["TOKEN_INVALID", whole.slice(0, 60), "it has 60 characters"],
  ["TOKEN_EXPIRED", whole, "has expired"],
  ["TOKEN_REVOKED", whole, "was revoked"],
  ["LOGIN_WITHOUT_ROLE", "a.b.c", "names no role"],
  ["SIGN_IN_BUSY", whole, "Too many tries; try again in 7 s."],
])("%s of %s says what is wrong with it", (code, token, words) => {
  const said = refusalWords({ code, message: "too many tries; try again in 7 s", token });
  expect(said).toContain(words);
  expect(said, "never the token itself").not.toContain(token);
});

test("why a sign-in ended is said, also for a reason that is not known yet", () => {
  expect(endingWords({ code: "TOKEN_REVOKED", message: "" })).toContain("revoked");
  expect(endingWords({ code: "NEW", message: "it rains" })).toContain("it rains");
});

test("roles and fleets are said as people do", () => {
  const roles = ["operator", "fleet-engineer", "auditor"];
  expect(whoMayWords({ route: "", roles, wholeSite: false })).toBe(
    "operator, fleet engineer or auditor",
  );
  expect(whoMayWords({ route: "", roles: ["operator"], wholeSite: true })).toContain("one fleet");
  expect(callerWords({ id: "t", role: "driver", fleet: null })).toBe("driver, all fleets");
  expect(callerWords({ id: "t", role: "pile-owner", fleet: "north" })).toBe(
    "pile owner, fleet north",
  );
});

test("the way back leads to this site alone", () => {
  const back = "/maintenance?show=all&find=a%20b";
  const query = new URL(signInAddress(back), "http://site").searchParams;
  expect(wayBack(query.get("from"))).toBe(back);
  for (const other of [
    "//evil.example",
    "/\\evil.example",
    "https://evil",
    "x",
    "/sign-in?from=/",
    null,
  ]) {
    expect(wayBack(other)).toBe("/");
  }
});
