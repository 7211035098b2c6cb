import { connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, ManualClock } from "@voltfog/runtime";
import { afterEach, expect, test, vi } from "vitest";
import { Allowance } from "../traffic/allowance.ts";
import { GatedSocket } from "./gated-socket.ts";
import type { PacketExcess } from "./packet-meter.ts";

let server: Server | undefined;
let client: Socket | undefined;

afterEach(() => {
  client?.destroy();
  server?.close();
});

async function gated(options: {
  clock: Clock;
  rate_bytes: number;
  exceeded?: (excess: PacketExcess) => void;
}): Promise<{ gate: GatedSocket; client: Socket; read: () => number }> {
  const { clock, rate_bytes, exceeded = () => {} } = options;
  const accepted = new Promise<Socket>((resolve) => {
    server = createServer(resolve).listen(0, "127.0.0.1", () => {
      const address = server?.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      client = connect({ port, host: "127.0.0.1" });
      client.on("error", () => {});
    });
  });
  const limits = { connectMax_bytes: 100, publishMax_bytes: 100_000, controlMax_bytes: 100 };
  const allowance = new Allowance({ rate_bytes, ratePackets: 100, now_ms: clock.monotonic_ms() });
  const gate = new GatedSocket({ socket: await accepted, limits, allowance, clock, exceeded });
  let received_bytes = 0;
  gate.on("data", (chunk: Uint8Array) => {
    received_bytes += chunk.length;
  });
  if (client === undefined) throw new Error("no client");
  return { gate, client, read: () => received_bytes };
}

const connectPacket = Uint8Array.of(0x10, 2, 0, 0);
/** A publish of 50,000 bytes. */
const publish = Uint8Array.of(0x30, 0xcd, 0x86, 0x03, ...new Array<number>(49_997).fill(0));

test("bytes go through both ways", async () => {
  const {
    gate,
    client: other,
    read,
  } = await gated({ clock: new ManualClock(), rate_bytes: 1_000_000 });
  const heard: Buffer[] = [];
  other.on("data", (chunk) => heard.push(chunk));
  other.write(connectPacket);
  gate.cork();
  gate.write(Buffer.from("ab"));
  gate.write(Buffer.from("c"));
  gate.uncork();
  await vi.waitFor(() => expect(Buffer.concat(heard).toString()).toBe("abc"));
  await vi.waitFor(() => expect(read()).toBe(4));
});

test("a sender that is too fast waits until time has passed, and loses nothing", async () => {
  const clock = new ManualClock();
  const { client: other, read } = await gated({ clock, rate_bytes: 10_000 });
  other.write(connectPacket);
  await vi.waitFor(() => expect(read()).toBe(4));
  other.write(publish);
  other.write(publish);
  await vi.waitFor(() => expect(read()).toBeGreaterThanOrEqual(10_000));
  expect(read()).toBeLessThan(100_006);
  await vi.waitFor(() => {
    clock.advance(1000);
    expect(read()).toBe(4 + 2 * publish.length);
  });
});

test("a held gate reads nothing until it is released", async () => {
  const {
    gate,
    client: other,
    read,
  } = await gated({ clock: new ManualClock(), rate_bytes: 1_000_000 });
  gate.hold();
  other.write(connectPacket);
  const echoed = new Promise((resolve) => other.once("data", resolve));
  gate.write(Buffer.from("x"));
  await echoed;
  expect(read()).toBe(0);
  gate.release();
  await vi.waitFor(() => expect(read()).toBe(4));
});

test("an excess ends the connection before the packet has come", async () => {
  const exceeded = vi.fn();
  const { client: other } = await gated({
    clock: new ManualClock(),
    rate_bytes: 1_000_000,
    exceeded,
  });
  const closed = new Promise((resolve) => other.once("close", resolve));
  other.write(Uint8Array.of(...connectPacket, 0x30, 0xff, 0xff, 0xff, 0x7f));
  other.resume();
  await closed;
  expect(exceeded).toHaveBeenCalledExactlyOnceWith({
    code: "PACKET_TOO_LARGE",
    length_bytes: 268_435_455,
  });
});

test("when either side goes, the other one does", async () => {
  const { gate, client: other } = await gated({ clock: new ManualClock(), rate_bytes: 1_000_000 });
  const closed = new Promise((resolve) => gate.once("close", resolve));
  other.destroy();
  await closed;
  expect(gate.destroyed).toBe(true);
});
