import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { clientTls, loadTlsIdentity } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tlsFilesOf } from "../../cli/src/site/site-certificates.ts";
import { sitePaths } from "../../cli/src/site/site-folder.ts";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { askBackbone, identityOf, mqttAt, portOf } from "./site-clients.ts";

/** Revokes one member of a running site after the other, and looks at its links from both ends. */
let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--vehicles", "4");
});
afterAll(() => site?.stop());

async function revoke(name: string): Promise<void> {
  const done = await voltfog("certificate", "revoke", name, "--data", site.dataDir);
  expect(done).toMatchObject({ code: 0 });
}

async function status<T>(id: string): Promise<T> {
  return (await (
    await fetch(`http://127.0.0.1:${portOf(site, id, "http")}/v1/status`)
  ).json()) as T;
}

/** A connection that holds somebody's certificate and does nothing. */
async function linkTo(peerId: string, as: string): Promise<TLSSocket> {
  const port = portOf(site, peerId, "backbone");
  const socket = connect({ port, ...clientTls(identityOf(site, as), peerId) });
  await once(socket, "secureConnect");
  socket.on("error", () => {});
  return socket;
}

test("the cloud's live links to units and validators are cut, and new calls are told why", async () => {
  const links = await Promise.all(["unit-1", "validator-1"].map((peer) => linkTo(peer, "cloud")));
  const kept = await linkTo("unit-1", "operator");
  const closed = links.map((link) => new Promise((resolve) => link.once("close", resolve)));
  await revoke("cloud");
  await Promise.all(closed);
  expect(kept.destroyed).toBe(false);
  kept.destroy();
  const asked = { path: "/v1/status", identity: identityOf(site, "cloud") };
  const answer = await askBackbone(site, "unit-1", asked);
  const { code } = JSON.parse(new TextDecoder().decode(answer.body)) as { code: string };
  expect([answer.status, code]).toEqual([403, "CERTIFICATE_REVOKED"]);
});

interface ValidatorStatus {
  readonly height: number;
  readonly peers: readonly { id: string; connected: boolean }[];
}

test("a validator's links to all others are cut, and they go on without it", async () => {
  const others = ["validator-1", "validator-2", "validator-3"];
  const isLinked = async (id: string): Promise<boolean | undefined> =>
    (await status<ValidatorStatus>(id)).peers.find((peer) => peer.id === "validator-4")?.connected;
  for (const id of others) {
    await eventually(`${id} to be linked`, async () => ((await isLinked(id)) ? true : undefined));
  }
  await revoke("validator-4");
  for (const id of others) {
    await eventually(`${id} to cut the link`, async () =>
      (await isLinked(id)) ? undefined : true,
    );
  }
  const { height } = await status<ValidatorStatus>("validator-1");
  await eventually("the chain to go on", async () =>
    (await status<ValidatorStatus>("validator-1")).height > height + 2 ? true : undefined,
  );
  for (const id of others) expect(await isLinked(id)).toBe(false);
});

interface UnitStatus {
  readonly connectedVehicles: readonly string[];
}

async function vehiclesOf(id: string): Promise<readonly string[]> {
  return (await status<UnitStatus>(id)).connectedVehicles;
}

test("vehicles leave a unit whose certificate is revoked for the others, and nobody calls it", async () => {
  const all = ["unit-1", "unit-2", "unit-3", "unit-4"];
  const places = new Map(
    await eventually("all vehicles to be connected", async () => {
      const found = await Promise.all(all.map(async (id) => [id, await vehiclesOf(id)] as const));
      return found.flatMap(([, vehicles]) => vehicles).length === 4 ? found : undefined;
    }),
  );
  const [left] = all.filter((id) => (places.get(id)?.length ?? 0) > 0);
  if (left === undefined) throw new Error("no unit has a vehicle");
  await revoke(left);
  const rest = all.filter((id) => id !== left);
  await eventually("the vehicles to be with other units", async () => {
    const there = await Promise.all(rest.map(vehiclesOf));
    const gone = (await vehiclesOf(left)).length === 0;
    return gone && there.flat().length === 4 ? true : undefined;
  });
  // Whoever follows the list does not even talk to it.
  const identity = loadTlsIdentity(tlsFilesOf(sitePaths(site.dataDir), "operator"));
  await expect(askBackbone(site, left, { path: "/v1/status", identity })).rejects.toThrow(
    /certificate revoked/,
  );
});

test("an operator who reads dead letters is put out and stays out", async () => {
  const login = { clientId: "operator", identity: identityOf(site, "operator") };
  const reading = await mqttAt(site, "unit-3", login);
  const closed = new Promise<void>((resolve) => reading.once("close", () => resolve()));
  await revoke("operator");
  await closed;
  await expect(mqttAt(site, "unit-3", login)).rejects.toThrow(/not authorized/i);
});

test("what is revoked is listed, refused a second time, and a vehicle is not revoked so", async () => {
  const listed = await voltfog("certificate", "list", "--data", site.dataDir, "--json");
  const rows = JSON.parse(listed.stdout) as readonly { id: string }[];
  expect(rows.map(({ id }) => id).sort()).toEqual(
    ["cloud", "operator", rows[2]?.id, "validator-4"].sort(),
  );
  for (const [name, code] of [
    ["cloud", "revoked already"],
    ["vehicle-01", "voltfog device revoke vehicle-01"],
    ["nobody", "no certificate for nobody"],
  ] as const) {
    const again = await voltfog("certificate", "revoke", name, "--data", site.dataDir);
    expect(again.code).not.toBe(0);
    expect(again.stderr).toContain(code);
  }
});
