import { expect, it } from "vitest";
import { freePorts, holdPort } from "./free-ports.ts";

it("gives different ports that can be had, also to those who ask at the same time", async () => {
  const ports = (await Promise.all([freePorts(20), freePorts(20)])).flat();
  expect(new Set(ports).size).toBe(40);
  const servers = await Promise.all(ports.map(holdPort));
  expect(servers.every((server) => server?.listening)).toBe(true);
  for (const server of servers) server?.close();
});

it("says of a held port that it cannot be had", async () => {
  const [port = 0] = await freePorts(1);
  const server = await holdPort(port);
  expect(await holdPort(port)).toBeUndefined();
  server?.close();
});
