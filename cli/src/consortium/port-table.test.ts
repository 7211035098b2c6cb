import { expect, test } from "vitest";
import { portRules, portTableText } from "./port-table.ts";

const ports = { p2p: 8060, http: 8061, backbone: 8062 };

test("every connection of a node has a rule with its direction and who opens it", () => {
  const peers = ["validator-1@192.0.2.1:8060", "validator-2@[2001:db8::1]:9000"];
  const rules = portRules({ ports, host: "0.0.0.0", peers });
  expect(rules.map(({ port, direction }) => `${port} ${direction}`)).toEqual([
    "TCP 8060 in",
    "TCP 8060 out",
    "TCP 9000 out",
    "TCP 8062 in",
    "TCP 8061 in",
    "UDP 123 out",
  ]);
  expect(rules[2]?.peer).toBe("validator-2@[2001:db8::1]");
});

test("a node that only this machine hears says so, and the table's columns stand under each other", () => {
  const text = portTableText(portRules({ ports, host: "127.0.0.1", peers: [] }));
  const [head = "", ...rows] = text.split("\n");
  expect(rows[0]).toContain("this machine only");
  for (const row of rows) {
    expect(row.slice(head.indexOf("direction")).startsWith("in") || row.includes("out")).toBe(true);
  }
});
