import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MarketCommands } from "./market-commands.ts";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";

let site: RunningSite;
let folder: string;
let commands: MarketCommands;

const market: MarketCommands["run"] = (...args) => commands.run(...args);
const done = <T>(...args: readonly string[]): Promise<T> => commands.done(...args);
const trade = <T>(...args: readonly string[]): Promise<T> => commands.trade(...args);
const authority = <T>(...args: readonly string[]): Promise<T> => commands.authority(...args);

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`${site.web}${path}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

interface Overview {
  readonly authority: string | null;
  readonly tariff: { readonly pricePerKWh: number; readonly sessionFee: number } | null;
  readonly supply: number;
  readonly platform: number;
  readonly simulated: boolean;
  readonly union: {
    readonly operators: readonly { readonly organisation: string; readonly chargePoints: number }[];
  };
}

interface Account {
  readonly key: string;
  readonly balance: number;
  readonly suspended: boolean;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-market-"));
  writeFileSync(join(folder, "pass"), "a passphrase for the test\n");
  site = await startSite("--vehicles", "4", "--market", "open");
  commands = new MarketCommands(site, folder);
});

afterAll(async () => {
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a new site opens its market by itself: authority, tariff, operators and charge points", async () => {
  const overview = await eventually("the union to be founded", async () => {
    const now = await ask<Overview>("/v1/market/overview");
    const isWhole = now.union.operators.filter(({ chargePoints }) => chargePoints === 2);
    return isWhole.length === 4 ? now : undefined;
  });
  expect(overview.authority).toMatch(/^[0-9a-f]{64}$/);
  expect(overview.tariff?.pricePerKWh).toBeGreaterThan(0);
  // Nobody pays here, and the market says so.
  expect(overview.simulated).toBe(true);
});

test("every refusal of the command line prints its code, and exits with 1 or 2", async () => {
  const refusals: readonly (readonly [code: string, exit: number, ...args: string[]])[] = [
    ["HANDLE_INVALID", 2, "register", "Ada"],
    ["NOT_LOGGED_IN", 2, "deposit", "5"],
    ["AMOUNT_INVALID", 2, "deposit", "0.0000001"],
    ["KEY_UNKNOWN", 2, "login", "nobody"],
  ];
  for (const [code, exit, name = "", ...rest] of refusals) {
    const said = await market("trade", name, ...rest);
    expect([name, said.code, said.stdout]).toEqual([name, exit, ""]);
    expect(said.stderr).toContain(`voltfog: ${code}: `);
  }
});

test("a driver registers, pays in and charges, from the authorisation to the settled session", async () => {
  await trade("register", "driver-1");
  const paid = await trade<{ code: string; simulated: boolean }>("deposit", "20.00");
  expect(paid).toMatchObject({ code: "OK", simulated: true });
  const [point] = await trade<readonly { organisation: string; pileId: string }[]>("points");
  const asked = await trade<{ session: string }>(
    ...["charge", `${point?.organisation}/${point?.pileId}`, "--limit", "5.00", "--energy", "1kWh"],
  );
  const settled = await eventually("the charge point to settle", async () => {
    const sessions =
      await trade<readonly { id: string; state: string; cost: number }[]>("sessions");
    return sessions.find(({ id, state }) => id === asked.session && state === "settled");
  });
  const { balance } = await trade<Account>("account");
  expect(balance).toBe(20_000_000 - settled.cost);
  expect(settled.cost).toBeGreaterThan(0);
  const vehicleKey = join(site.dataDir, "keys", "vehicle-01.key");
  const [own] = await trade<readonly { energy_Wh: number }[]>("sessions");
  const counted = ["--energy", `${own?.energy_Wh}Wh`, "--vehicle-key", vehicleKey];
  await trade("count", asked.session, ...counted);
  const receipt = await eventually("the receipt", async () => {
    const said = await market("trade", "receipt", asked.session, "--json");
    return said.code === 0 ? said.stdout : undefined;
  });
  const file = join(folder, "receipt.json");
  writeFileSync(file, receipt);
  // Offline: the genesis file is all that is trusted.
  const genesis = join(site.dataDir, "genesis.json");
  const verified = await voltfog("verify", file, "--genesis", genesis, "--json");
  expect([verified.code, verified.stderr]).toEqual([0, ""]);
  expect(JSON.parse(verified.stdout)).toMatchObject({ session: { id: asked.session } });
});

test("whoever the authority suspends is refused by the chain, and is restored", async () => {
  const account = await trade<Account>("account");
  await authority("suspend", "driver-1", "--reason", "a test of suspension");
  const [point] = await trade<readonly { organisation: string; pileId: string }[]>("points");
  const place = `${point?.organisation}/${point?.pileId}`;
  const refused = await market("trade", "charge", place, "--limit", "2.00");
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("refused: SUSPENDED in final block");
  expect((await trade<Account>("account")).suspended).toBe(true);
  // What is one's own can always be taken out.
  await trade("withdraw", "1.00");
  await authority("restore", "driver-1", "--reason", "the test is over");
  // The platform's pot has nothing yet, so what is given must be taken first.
  await authority("adjust", "driver-1", "--by", "-0.50", "--reason", "did not appear");
  await authority("adjust", "driver-1", "--by", "0.50", "--reason", "was there after all");
  const balance = account.balance - 1_000_000;
  expect(await trade<Account>("account")).toMatchObject({ suspended: false, balance });
});

interface Trade {
  readonly id: string;
  readonly state: string;
  readonly paid: number;
  readonly fee: number;
  readonly energyCost: number;
}

/** An owner with money and a linked vehicle of the site. */
async function owner(handle: string, vehicle: string): Promise<void> {
  await trade("register", handle);
  await trade("deposit", "10.00", "--as", handle);
  await trade("link", join(site.dataDir, "keys", `${vehicle}.key`), "--as", handle);
}

test("two owners link their vehicles, match, both batteries agree, and the escrow pays", async () => {
  await owner("seller-1", "vehicle-01");
  await owner("buyer-1", "vehicle-02");
  const at = ["--at", "2.352,48.857"];
  const offer = ["sell", "5kWh", "--price", "0.30", ...at, "--as", "seller-1"];
  const offered = await trade<{ trade: string | null }>(...offer);
  expect(offered.trade).toBeNull();
  const request = ["buy", "5kWh", "--funds", "4.00", ...at, "--as", "buyer-1"];
  const { trade: id } = await trade<{ trade: string }>(...request);
  const way = await trade<{ type: string }>("directions", id, "--as", "buyer-1");
  expect(way.type).toBe("FeatureCollection");

  await trade("confirm", id, "--energy", "5kWh", "--as", "seller-1");
  await trade("confirm", id, "--energy", "4.7kWh", "--as", "buyer-1");
  const [own] = await trade<readonly Trade[]>("trades", "--as", "seller-1");
  expect(own).toMatchObject({ id, state: "paid" });
  const paid = own?.paid ?? 0;
  const [seller, buyer] = await Promise.all([
    trade<Account>("account", "--as", "seller-1"),
    trade<Account>("account", "--as", "buyer-1"),
  ]);
  expect(seller.balance).toBe(10_000_000 + paid);
  expect(buyer.balance).toBe(10_000_000 - (own?.energyCost ?? 0) - (own?.fee ?? 0));
  // Both sides paid the fee, and it is all that is missing.
  expect(seller.balance + buyer.balance).toBe(20_000_000 - 2 * (own?.fee ?? 0));
  const heard = await trade<readonly unknown[]>("notifications", "--as", "seller-1");
  expect(heard.length).toBeGreaterThan(3);
});

test("batteries that disagree open a dispute, which the authority resolves", async () => {
  const at = ["--at", "2.352,48.857"];
  await trade("sell", "3kWh", "--price", "0.30", ...at, "--as", "seller-1");
  const request = ["buy", "3kWh", "--funds", "4.00", ...at, "--as", "buyer-1"];
  const { trade: id } = await trade<{ trade: string }>(...request);
  await trade("confirm", id, "--energy", "3kWh", "--as", "seller-1");
  await trade("confirm", id, "--energy", "1kWh", "--as", "buyer-1");
  const [disputed] = await trade<readonly Trade[]>("trades", "--as", "buyer-1");
  expect(disputed).toMatchObject({ id, state: "disputed" });
  await authority("resolve-trade", id, "--refund", "0.60", "--reason", "a third arrived");
  const [resolved] = await trade<readonly Trade[]>("trades", "--as", "buyer-1");
  expect(resolved).toMatchObject({ id, state: "resolved" });
});

test("the chain refuses what cannot be paid, and the authority takes an order out", async () => {
  const at = ["--at", "2.352,48.857"];
  const tooMuch = ["buy", "3kWh", "--funds", "4000.00", ...at, "--as", "buyer-1"];
  const refused = await market("trade", ...tooMuch);
  expect([refused.code, refused.stdout.split(" ").slice(0, 2).join(" ")]).toEqual([
    ...[1, "refused: BALANCE_TOO_LOW"],
  ]);
  const offer = ["sell", "2kWh", "--price", "9.00", ...at, "--as", "seller-1"];
  const { order } = await trade<{ order: string }>(...offer);
  await authority("remove-order", order, "--reason", "an absurd price");
  const gone = await market("trade", "cancel", order, "--as", "seller-1");
  expect(gone.code).toBe(1);
  expect(gone.stdout).toMatch(/^refused: [A-Z_]+ in final block \d+/);
});

test("an operator has a tariff of its own once the authority agreed, and gives and sells beans", async () => {
  const operator = <T>(...args: readonly string[]): Promise<T> => done("operator", ...args);
  await operator("tariff", "--price", "0.31", "--fee", "0.20");
  const other = ["operator-tariff", "operator-1", "--price", "0.30", "--fee", "0.20"];
  const refused = await market("authority", ...other);
  expect([refused.code, refused.stdout.split(" in ")[0]]).toEqual([1, "refused: TARIFF_DIFFERS"]);
  await authority("operator-tariff", "operator-1", "--price", "0.31", "--fee", "0.20");
  const { union } = await ask<{
    union: { operators: readonly { organisation: string; tariff: unknown }[] };
  }>("/v1/market/overview");
  const own = union.operators.find(({ organisation }) => organisation === "operator-1");
  expect(own?.tariff).toEqual({ pricePerKWh: 310_000, sessionFee: 200_000 });

  await operator("beans-rebate", "2Wh", "--to", "buyer-1");
  await operator("beans-sell", "--price", "0.30");
  await trade("beans-buy", "operator-1", "3Wh", "--price", "0.30", "--as", "buyer-1");
  await trade("beans-gift", "operator-1", "1Wh", "--to", "seller-1", "--as", "buyer-1");
  const made = await operator<{ envelope: string }>("envelope", "4Wh", "--shares", "1");
  await trade("beans-claim", made.envelope, "--as", "buyer-1");
  const beans = async (handle: string): Promise<unknown> =>
    (await trade<{ beans: unknown }>("account", "--as", handle)).beans;
  expect(await beans("buyer-1")).toEqual([{ organisation: "operator-1", energy_Wh: 8 }]);
  expect(await beans("seller-1")).toEqual([{ organisation: "operator-1", energy_Wh: 1 }]);
  const unknown = await market("operator", "beans-sell", "--price", "0.30", "--key", vehicleKey());
  expect([unknown.code, unknown.stderr.slice(0, 26)]).toEqual([2, "voltfog: OPERATOR_UNKNOWN:"]);
});

/** A key of the site that is no operator's. */
function vehicleKey(): string {
  return join(site.dataDir, "keys", "vehicle-01.key");
}
