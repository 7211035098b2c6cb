import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";

let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "1");
});
afterAll(() => site?.stop());

async function statusWith(token: string, route: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(new URL(route, site.web), { headers })).status;
}

test("a token holds from its creation to its revocation on a running site", async () => {
  const data = ["--data", site.dataDir];
  const made = await voltfog("token", "create", "--role", "driver", "--json", ...data);
  const { id, token } = JSON.parse(made.stdout) as { id: string; token: string };
  expect(statSync(join(site.dataDir, "tokens.json")).mode & 0o777).toBe(0o600);
  await eventually("the token to be taken", async () =>
    (await statusWith(token, "v1/blocks")) === 200 ? true : undefined,
  );
  expect(await statusWith(token, "v1/vehicles")).toBe(403);
  expect((await fetch(new URL("v1/vehicles", site.web))).status).toBe(200);
  const listed = await voltfog("token", "list", ...data);
  expect(listed.stdout).toContain(`${id}  driver  holds until`);
  expect((await voltfog("token", "revoke", id, ...data)).code).toBe(0);
  await eventually("the token to be refused", async () =>
    (await statusWith(token, "v1/blocks")) === 401 ? true : undefined,
  );
  expect((await voltfog("token", "list", ...data)).stdout).toContain(`${id}  driver  revoked`);
  expect((await voltfog("token", "revoke", id, ...data)).code).toBe(2);
  expect((await voltfog("token", "create", "--role", "root", ...data)).code).toBe(2);
});
