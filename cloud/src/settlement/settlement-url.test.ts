import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSettlementUrl } from "./settlement-url.ts";

let folder: string;
let login: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloud-settlement-url-"));
  login = join(folder, "login");
  writeFileSync(login, "office:pass:word\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (settlementUrl: string, settlementAuthority = ""): unknown =>
  readSettlementUrl({ settlementUrl, settlementLogin: login, settlementAuthority });

test("a database on this machine is spoken to as it is, with the login of a file", () => {
  expect(read("mariadb://127.0.0.1/settled")).toEqual({
    ...{ host: "127.0.0.1", port: 3306, database: "settled", user: "office" },
    ...{ password: "pass:word", authority: undefined },
  });
  expect(read("mariadb://[::1]:3307/settled")).toMatchObject({ host: "::1", port: 3307 });
});

test("one on another machine needs the authority of its certificate", () => {
  expect(() => read("mariadb://db.example/settled")).toThrow("on another machine");
  expect(read("mariadb://db.example/settled", login)).toMatchObject({
    ...{ host: "db.example", authority: "office:pass:word" },
  });
});

test.each([
  "mysql://127.0.0.1/settled",
  "mariadb://127.0.0.1/",
  "mariadb://127.0.0.1/a-b",
  "mariadb://user:secret@127.0.0.1/settled",
  "nothing",
])("%s is no address of a database", (url) => {
  expect(() => read(url)).toThrow();
});
