import type { MarketOverviewView } from "@voltfog/messages";
import { SeededRandom } from "@voltfog/runtime";
import type { MarketClient } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { SimulatedChargePoints } from "./simulated-charge-points.ts";
import { SimulatedDrivers } from "./simulated-drivers.ts";
import { SimulatedHosts } from "./simulated-hosts.ts";
import { SimulatedOwners } from "./simulated-owners.ts";

/** Charge points look this often for a driver. */
const look_ms = 3000;
/** A session is three transactions and a trade four: below one in three seconds at first, then far less. */
const firstActs = 10;
const firstGap_ms = 20_000;
const laterGap_ms = 60_000;
/** A run ends its simulated people after so many acts; some thirty hours. */
const actsMax = 2000;
/** Seven transactions each. */
const visitsMax = 500;
const visitGap_ms = 180_000;

/** What a loop of the simulated market needs. */
interface Simulation {
  readonly site: MarketSite;
  readonly client: MarketClient;
  readonly signal: AbortSignal;
  /** Resolves early when the market stops. */
  readonly pause: (delay_ms: number) => Promise<void>;
}

/**
 * The charge points of a site carry out sessions until the signal; they are devices, so they are there
 * without simulated people too. What fails is left to the session's expiry.
 */
export async function runChargePoints(o: Simulation): Promise<void> {
  const random = new SeededRandom(o.site.seed);
  const points = new SimulatedChargePoints({ ...o, random });
  const running = new Set<Promise<void>>();
  while (!o.signal.aborted) {
    const begun = await points.look().catch(() => []);
    for (const one of begun) {
      const settled = one.catch(() => {}).finally(() => running.delete(settled));
      running.add(settled);
    }
    await o.pause(look_ms);
  }
  await Promise.all(running);
}

/** Simulated people act one after the other, slowly, chosen by the seed, until the signal or their limit. */
export async function runPeople(o: Simulation): Promise<void> {
  const random = new SeededRandom(o.site.seed + 1);
  const drivers = new SimulatedDrivers({ ...o, random });
  const owners = new SimulatedOwners({ ...o, random });
  const { keys } = new SimulatedChargePoints({ ...o, random });
  while (!o.signal.aborted && !(await opened(o, drivers, owners))) await o.pause(laterGap_ms);
  const guests = runGuests(o);
  for (let acts = 0; acts < actsMax && !o.signal.aborted; acts++) {
    try {
      // What an earlier run left open first: a vehicle in a trade takes no other.
      await owners.deliver();
      if (random.uniform() < 0.6) await drivers.charge(keys);
      else await owners.trade();
      await owners.deliver();
    } catch {
      // A cloud that restarts refuses for a while; the next act finds it again.
    }
    await o.pause(acts < firstActs ? firstGap_ms : laterGap_ms);
  }
  await guests;
}

/** A visit at a private pile takes minutes, so that nobody else waits for it. */
async function runGuests(o: Simulation): Promise<void> {
  const hosts = new SimulatedHosts({ ...o, random: new SeededRandom(o.site.seed + 2) });
  while (!o.signal.aborted && !(await opened(o, hosts))) await o.pause(laterGap_ms);
  for (let visits = 0; visits < visitsMax && !o.signal.aborted; visits++) {
    await hosts.visit().catch(() => "as above");
    await o.pause(visitGap_ms);
  }
}

/** Whether all have their accounts; what an earlier try did is passed over. */
async function opened(
  { client }: Simulation,
  ...people: readonly { open(chainId: string): Promise<void> }[]
): Promise<boolean> {
  try {
    const { chainId } = (await client.get("/v1/market/overview")) as MarketOverviewView;
    for (const some of people) await some.open(chainId);
    return true;
  } catch {
    return false;
  }
}
