import fc from "fast-check";
import { expect, test } from "vitest";
import { type AlertSettings, parseAlertSettings, usualSettings } from "./alert-settings.ts";

const webhook = {
  id: "pager",
  kind: "webhook",
  url: "https://hooks.example:8443/x",
  secret: "key",
};
const mail = {
  ...{ id: "workshop", kind: "mail", server: "smtp://mail.example:587" },
  ...{ from: "voltfog@example.org", to: ["ada@example.org"] },
};
const rule = { id: "weak", on: "indicator", indicator: "soh", below: 0.75, level: 2 };
const file = {
  version: 1,
  rules: [rule, { id: "hot", on: "event", classes: ["thermal-alert"], levelMin: 2 }],
  receivers: [webhook, { ...mail, fleet: "north" }],
  notify: { levelMin: 2, receivers: ["workshop"] },
  escalate: { after_ms: 60_000, receivers: ["pager"] },
};
const chain = { id: "chain", kind: "chain" };
const parse = (value: unknown): unknown => parseAlertSettings(JSON.stringify(value));

test("a file says rules, receivers, who is told and when it is escalated", () => {
  const { version: _, ...settings } = file;
  const receivers = [...file.receivers, chain];
  const value = { ...settings, receivers } satisfies object as AlertSettings;
  expect(parse(file)).toEqual({ ok: true, value });
  expect(parse({ version: 1 })).toEqual({ ok: true, value: usualSettings });
});

test("the chain is a receiver unless the file does without it, or says which fleet is recorded", () => {
  const receiversOf = (changes: object): unknown => {
    const parsed = parseAlertSettings(JSON.stringify({ version: 1, ...changes }));
    return parsed.ok ? parsed.value.receivers : parsed.problem;
  };
  const north = { ...chain, id: "ours", fleet: "north" };
  expect(receiversOf({})).toEqual([chain]);
  expect(receiversOf({ chain: false })).toEqual([]);
  expect(receiversOf({ receivers: [north] })).toEqual([north]);
});

test.each([
  [{ ...file, chain: "no" }],
  [{ ...file, chain: false, receivers: [webhook, mail, chain] }],
  [{ ...file, receivers: [webhook, mail, { ...chain, url: "x" }] }],
  [{ ...file, version: 2 }],
  [{ ...file, more: 1 }],
  [{ ...file, rules: [{ ...rule, above: 1 }] }],
  [{ ...file, rules: [{ ...rule, below: undefined }] }],
  [{ ...file, rules: [{ ...rule, indicator: "colour" }] }],
  [{ ...file, rules: [rule, rule] }],
  [{ ...file, rules: [{ ...rule, level: 4 }] }],
  [{ ...file, receivers: [{ ...webhook, url: "hooks" }, mail] }],
  [{ ...file, receivers: [webhook, { ...mail, server: "mail.example" }] }],
  [{ ...file, receivers: [webhook, { ...mail, to: [] }] }],
  [{ ...file, receivers: [webhook, { ...mail, to: ["a@b\r\nBcc: c@d"] }] }],
  [{ ...file, receivers: [webhook] }],
  [{ ...file, notify: { receivers: ["nobody"] } }],
  [{ ...file, escalate: { after_ms: 0 } }],
])("what is not clear refuses the whole file: %#", (changed) => {
  expect(parse(changed)).toMatchObject({ ok: false, problem: { code: "ALERTS_INVALID" } });
});

test("any text, any JSON and any changed part get a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseAlertSettings(text).ok).toBe(false);
    }),
  );
  const key = fc.constantFrom("rules", "receivers", "chain", "notify", "escalate");
  fc.assert(
    fc.property(key, fc.jsonValue(), (name, value) => {
      const parsed = parseAlertSettings(JSON.stringify({ ...file, [name]: value }));
      if (!parsed.ok) expect(parsed.problem.code).toBe("ALERTS_INVALID");
    }),
  );
});
