import { generateKeyPairSync } from "node:crypto";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { connect } from "node:tls";
import { type Signer, silentLogger } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import {
  clientTls,
  type PeerRole,
  systemClock,
  systemRandom,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { afterEach, expect, test } from "vitest";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { encodeHello, type Hello } from "../wire/handshake.ts";
import type { CertificateHolder, Membership, PeerSeat } from "./membership.ts";
import { type PeerAddress, TlsTransport } from "./tls-transport.ts";

const voteKeys = [0, 1, 2, 3].map((voter) => simulatedSigner(voter).publicKey);
const now_ms = systemClock.wall_ms();
const [authority, foreign] = await Promise.all(
  ["site", "foreign"].map((name) => CertificateAuthority.create({ name, now_ms })),
);
const validatorIds = [0, 1, 2, 3].map((voter) => `validator-${voter}`);
const certified = await Promise.all(validatorIds.map((id) => identityOf(id)));

function identityOf(
  id: string,
  role: PeerRole = "validator",
  by = authority,
): Promise<TlsIdentity> {
  if (by === undefined) throw new Error("no authority");
  return by.newIdentity({ id, role }, { now_ms });
}

const chainId = new Uint8Array(32).fill(7);
const idOf = (voter: number): string => `validator-${voter}`;
const keyOf = (id: string): Uint8Array | undefined =>
  voteKeys[Number(id.replace("validator-", ""))];
const genesisMembers: Membership = {
  seats: () =>
    voteKeys.map((voteKey, voter) => ({
      id: idOf(voter),
      organisation: "north",
      voteKey,
      endpoint: undefined,
    })),
  isRemoved: () => false,
  admits: ({ id }) => keyOf(id) !== undefined,
};
const open: { stop(): Promise<void> }[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((each) => each.stop()));
});

interface Party {
  readonly transport: TlsTransport;
  readonly port: number;
  readonly log: string[];
  /** Resolves when the log holds the line. */
  saw(line: string): Promise<void>;
}

async function party(options: {
  voter: number;
  port?: number;
  peers?: readonly PeerAddress[];
  signer?: Signer;
  chain?: Uint8Array;
  tls?: TlsIdentity | undefined;
  membership?: Membership;
}): Promise<Party> {
  const { voter } = options;
  const nameOf = (peer: number): string => (transport.idOf(peer) ?? "").replace("validator-", "");
  const log: string[] = [];
  const waiting: { line: string; resolve: () => void }[] = [];
  const note = (line: string): void => {
    log.push(line);
    for (const waiter of waiting) if (waiter.line === line) waiter.resolve();
  };
  const transport = new TlsTransport({
    identity: {
      chainId: options.chain ?? chainId,
      id: idOf(voter),
      voteKeyOf: keyOf,
      succession: () => undefined,
      signer: options.signer ?? simulatedSigner(voter),
      crypto: simulatedCrypto,
      random: systemRandom,
      clock: systemClock,
    },
    tls: options.tls ?? (certified[voter] as TlsIdentity),
    membership: options.membership ?? genesisMembers,
    host: "127.0.0.1",
    port: options.port ?? 0,
    peers: options.peers ?? [],
    logger: silentLogger,
  });
  open.push(transport);
  const port = await transport.start({
    connected: (other) => note(`connected ${nameOf(other)}`),
    disconnected: (other) => note(`disconnected ${nameOf(other)}`),
    received: (other, bytes) => note(`${nameOf(other)}: ${new TextDecoder().decode(bytes)}`),
  });
  const saw = (line: string): Promise<void> =>
    log.includes(line)
      ? Promise.resolve()
      : new Promise((resolve) => waiting.push({ line, resolve }));
  return { transport, port, log, saw };
}

const at = (voter: number, { port }: { port: number }): PeerAddress => ({
  id: idOf(voter),
  host: "127.0.0.1",
  port,
});
const numberOf = ({ transport }: Party, voter: number): number =>
  transport.numberOf(idOf(voter)) ?? -1;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const helloOf = (voter: number): Hello => ({
  chainId,
  id: idOf(voter),
  voteKey: simulatedSigner(voter).publicKey,
  challenge: new Uint8Array(32),
});

/** A connection with a certificate that speaks no better, and when the other side ended it. */
function stranger(port: number, tls = certified[2]): { socket: Socket; ended: Promise<void> } {
  if (tls === undefined) throw new Error("no certificate");
  const at = { host: "127.0.0.1", port, ...clientTls(tls, "validator-0") };
  return watched(connect(at));
}

function watched(socket: Socket): { socket: Socket; ended: Promise<void> } {
  sockets.push(socket);
  socket.on("error", () => {});
  socket.resume();
  return { socket, ended: new Promise((resolve) => socket.once("close", () => resolve())) };
}

function frame(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

test("two validators that know each other exchange whole messages in order", async () => {
  const first = await party({ voter: 0 });
  const second = await party({ voter: 1, peers: [at(0, first)] });
  await Promise.all([first.saw("connected 1"), second.saw("connected 0")]);
  for (const words of ["one", "two", "three"])
    first.transport.send(numberOf(first, 1), text(words));
  const large = "x".repeat(3_000_000);
  second.transport.send(numberOf(second, 0), text(large));
  await Promise.all([second.saw("0: three"), first.saw(`1: ${large}`)]);
  expect(second.log.slice(1)).toEqual(["0: one", "0: two", "0: three"]);
});

test("a peer that starts later is reached, and reached again after it came back", async () => {
  const probe = await party({ voter: 3 });
  await probe.transport.stop();
  const early = await party({ voter: 0, peers: [at(1, probe)] });
  const late = await party({ voter: 1, port: probe.port });
  await early.saw("connected 1");
  await late.transport.stop();
  await early.saw("disconnected 1");
  expect(early.transport.isConnected(numberOf(early, 1))).toBe(false);
  expect(early.transport.send(numberOf(early, 1), text("lost"))).toBe(false);
  const again = await party({ voter: 1, port: probe.port });
  await again.saw("connected 0");
});

test("when both dial, both end up on the same connection", async () => {
  const probes = await Promise.all([party({ voter: 2 }), party({ voter: 3 })]);
  await Promise.all(probes.map(({ transport }) => transport.stop()));
  const [left, right] = probes;
  if (left === undefined || right === undefined) throw new Error("two probes");
  const [low, high] = await Promise.all([
    party({ voter: 0, port: left.port, peers: [at(1, right)] }),
    party({ voter: 1, port: right.port, peers: [at(0, left)] }),
  ]);
  await Promise.all([low.saw("connected 1"), high.saw("connected 0")]);
  // A message may go down with the connection that gives way; one sent over the standing one arrives.
  const retry = setInterval(() => {
    low.transport.send(numberOf(low, 1), text("from low"));
    high.transport.send(numberOf(high, 0), text("from high"));
  }, 20);
  await Promise.all([high.saw("0: from low"), low.saw("1: from high")]);
  clearInterval(retry);
});

test("a wrong chain and a wrong vote key are cut off before anything is heard", async () => {
  const listener = await party({ voter: 0 });
  await party({ voter: 1, signer: simulatedSigner(2), peers: [at(0, listener)] });
  const foreigner = await party({ voter: 2, chain: new Uint8Array(32), peers: [at(0, listener)] });
  const unknown = stranger(listener.port);
  unknown.socket.write(frame(text("GET / HTTP/1.1")));
  const liar = stranger(listener.port);
  liar.socket.write(frame(encodeHello(helloOf(2))));
  liar.socket.write(frame(new Uint8Array(64)));
  await Promise.all([unknown.ended, liar.ended]);
  const friend = await party({ voter: 3, peers: [at(0, listener)] });
  await Promise.all([friend.saw("connected 0"), listener.saw("connected 3")]);
  expect(listener.log).toEqual(["connected 3"]);
  expect(foreigner.log).toEqual([]);
});

test("without TLS, and with a certificate that is no validator's of the site, nobody gets through", async () => {
  const listener = await party({ voter: 0 });
  const plain = watched(connectTcp({ host: "127.0.0.1", port: listener.port }));
  plain.socket.write(frame(text("hello")));
  const strangeAuthority = await identityOf("validator-2", "validator", foreign);
  const strangers = [
    { ...strangeAuthority, authority: certified[0]?.authority ?? "" },
    await identityOf("validator-2", "vehicle"),
    await identityOf("validator-9"),
    await identityOf("unit-1", "unit"),
  ].map((tls) => stranger(listener.port, tls).ended);
  await Promise.all([plain.ended, ...strangers]);
  expect(listener.log).toEqual([]);
});

test("a validator cannot speak for another: certificate and vote key must be of the same", async () => {
  const listener = await party({ voter: 0 });
  // The signer holds the vote key of validator 3, but its certificate is that of validator 2.
  await party({ voter: 2, tls: certified[1], peers: [at(0, listener)] });
  const posing = stranger(listener.port, certified[1]);
  posing.socket.write(frame(encodeHello(helloOf(2))));
  await posing.ended;
  expect(listener.log).toEqual([]);
});

test("a dialler is not taken in by another peer at the address", async () => {
  const other = await party({ voter: 1 });
  const dialler = await party({ voter: 0, peers: [at(2, other)] });
  const friend = await party({ voter: 3, peers: [at(0, dialler), at(1, other)] });
  await Promise.all([friend.saw("connected 0"), friend.saw("connected 1")]);
  await Promise.all([dialler.saw("connected 3"), other.saw("connected 3")]);
  expect(dialler.log).toEqual(["connected 3"]);
  expect(other.log).toEqual(["connected 3"]);
});

test("a stranger cannot announce a long frame", async () => {
  const listener = await party({ voter: 0 });
  const { socket, ended } = stranger(listener.port);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(8_000_000);
  socket.write(length);
  await ended;
  expect(listener.log).toEqual([]);
});

/** Two organisations with agencies; validators of the chain by their index, others by what they show. */
async function agencies(): Promise<{
  identity(id: string, organisation: string, claimed?: string): Promise<TlsIdentity>;
}> {
  const root = await CertificateAuthority.create({ name: "consortium", now_ms, agencies: true });
  const made = new Map<string, CertificateAuthority>();
  for (const organisation of ["north", "south"]) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const certificate = await root.issueAgency({ organisation, publicKey }, { now_ms });
    const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    made.set(organisation, await CertificateAuthority.open({ certificate, key }));
  }
  return {
    async identity(id, organisation, claimed = organisation) {
      const agency = made.get(organisation);
      if (agency === undefined) throw new Error("no agency");
      const own = await agency.newIdentity(
        { id, role: "validator", organisation: claimed },
        { now_ms },
      );
      const certificate = own.certificate + agency.certificate;
      return { ...own, authority: root.certificate, certificate };
    },
  };
}

/** Seats that a test changes while transports run. */
class ChangingMembers implements Membership {
  readonly held = new Map<string, PeerSeat>();
  readonly removed = new Set<string>();

  seat(voter: number, port: number, organisation = "north"): void {
    const voteKey = simulatedSigner(voter).publicKey;
    const endpoint = { host: "127.0.0.1", port };
    this.held.set(idOf(voter), { id: idOf(voter), organisation, voteKey, endpoint });
  }

  remove(voter: number): void {
    this.held.delete(idOf(voter));
    this.removed.add(idOf(voter));
  }

  seats(): readonly PeerSeat[] {
    return [...this.held.values()];
  }

  isRemoved(id: string): boolean {
    return this.removed.has(id);
  }

  admits({ id, organisation, agencyHash }: CertificateHolder): boolean {
    if (this.removed.has(id) || agencyHash?.length !== 32) return false;
    const seat = this.held.get(id);
    return seat === undefined || seat.organisation === organisation;
  }
}

test("a new seat is dialled where the chain says it listens; a removed one is cut off and stays out", async () => {
  const { identity } = await agencies();
  const membership = new ChangingMembers();
  const [one, two] = await Promise.all([identity(idOf(0), "north"), identity(idOf(1), "north")]);
  const first = await party({ voter: 0, tls: one, membership });
  const second = await party({ voter: 1, tls: two, membership });
  membership.seat(0, first.port);
  membership.seat(1, second.port);
  first.transport.review();
  await Promise.all([first.saw("connected 1"), second.saw("connected 0")]);
  membership.remove(1);
  first.transport.review();
  await Promise.all([first.saw("disconnected 1"), second.saw("disconnected 0")]);
  second.transport.review(); // Dials the first one's seat, and is turned away by its certificate.
  const friend = await party({ voter: 2, tls: await identity(idOf(2), "south"), membership });
  membership.seat(2, friend.port, "south");
  friend.transport.review();
  await first.saw("connected 2");
  expect(first.log).toEqual(["connected 1", "disconnected 1", "connected 2"]);
});

test("a node without a seat follows by its agency's certificate, and an agency speaks for its own nodes only", async () => {
  const { identity } = await agencies();
  const membership = new ChangingMembers();
  const first = await party({ voter: 0, tls: await identity(idOf(0), "north"), membership });
  membership.seat(0, first.port);
  membership.seat(1, 1, "south");
  const peers = [at(0, first)];
  // Validator 1 is of the other organisation; and an agency's certificate may not name another's.
  const foreign = await party({
    voter: 1,
    tls: await identity(idOf(1), "north"),
    peers,
    membership,
  });
  const posing = await party({
    voter: 2,
    tls: await identity(idOf(2), "north", "south"),
    peers,
    membership,
  });
  const flat = stranger(first.port, certified[3]);
  const follower = await party({
    voter: 3,
    tls: await identity(idOf(3), "north"),
    peers,
    membership,
  });
  await Promise.all([first.saw("connected 3"), follower.saw("connected 0"), flat.ended]);
  expect(first.log).toEqual(["connected 3"]);
  expect([foreign.log, posing.log]).toEqual([[], []]);
  // With another key than the chain then gives its seat it is cut off.
  const voteKey = simulatedSigner(2).publicKey;
  membership.held.set(idOf(3), {
    id: idOf(3),
    organisation: "north",
    voteKey,
    endpoint: undefined,
  });
  first.transport.review();
  await first.saw("disconnected 3");
});

test("a peer that takes nothing more loses messages, not our memory, and holds up nobody else", async () => {
  const held = await party({ voter: 0 });
  const line = await stoppableLine(held.port);
  const free = await party({ voter: 1 });
  const sender = await party({ voter: 2, peers: [at(0, { port: line.port }), at(1, free)] });
  await Promise.all([sender.saw("connected 0"), sender.saw("connected 1")]);
  line.stop();
  const megabyte = new Uint8Array(1_000_000);
  let taken = 0;
  // Sixteen wait here; the rest is in the sockets' own buffers, until their owner has its turn.
  while (sender.transport.send(numberOf(sender, 0), megabyte)) taken++;
  expect(taken).toBeLessThanOrEqual(18);
  expect(sender.transport.send(numberOf(sender, 1), text("on time"))).toBe(true);
  await free.saw("2: on time");
  expect(sender.transport.send(numberOf(sender, 0), text("lost"))).toBe(false);
});

test("a peer that was cut off is gone, and stays out for a while; the others stay", async () => {
  const listener = await party({ voter: 0 });
  const rude = await party({ voter: 1, peers: [at(0, listener)] });
  const polite = await party({ voter: 2, peers: [at(0, listener)] });
  await Promise.all([listener.saw("connected 1"), listener.saw("connected 2")]);
  listener.transport.cutOff(numberOf(listener, 1));
  await Promise.all([listener.saw("disconnected 1"), rude.saw("disconnected 0")]);
  expect(polite.transport.send(numberOf(polite, 0), text("still here"))).toBe(true);
  await listener.saw("2: still here");
  const late = await party({ voter: 3, peers: [at(0, listener)] });
  await late.saw("connected 0");
  // By now the one that was cut off has dialled again, and was not let in.
  expect(listener.log.filter((entry) => entry === "connected 1")).toHaveLength(1);
});

/** A way to a port of this machine that can stop carrying anything while both ends stay connected. */
async function stoppableLine(target: number): Promise<{ port: number; stop(): void }> {
  let isStopped = false;
  const carry = (from: Socket, to: Socket): void => {
    sockets.push(from);
    from.on("error", () => to.destroy());
    from.on("data", (chunk) => (isStopped ? from.pause() : to.write(chunk)));
    from.on("close", () => to.destroy());
  };
  const server = createServer((from) => {
    const to = connectTcp({ host: "127.0.0.1", port: target });
    carry(from, to);
    carry(to, from);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    stop() {
      isStopped = true;
    },
  };
}

test("a taken port is said to be taken", async () => {
  const first = await party({ voter: 0 });
  await expect(party({ voter: 1, port: first.port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
  });
});
