import { connect as connectTcp, type Socket } from "node:net";
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
import { encodeHello } from "../wire/handshake.ts";
import { type PeerAddress, TlsTransport } from "./tls-transport.ts";

const voteKeys = [0, 1, 2, 3].map((voter) => simulatedSigner(voter).publicKey);
const now_ms = systemClock.wall_ms();
const [authority, foreign] = await Promise.all(
  ["site", "foreign"].map((name) => CertificateAuthority.create({ name, now_ms })),
);
const validatorIds = [0, 1, 2, 3].map((voter) => `validator-${voter + 1}`);
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
}): Promise<Party> {
  const { voter } = options;
  const log: string[] = [];
  const waiting: { line: string; resolve: () => void }[] = [];
  const note = (line: string): void => {
    log.push(line);
    for (const waiter of waiting) if (waiter.line === line) waiter.resolve();
  };
  const transport = new TlsTransport({
    identity: {
      chainId: options.chain ?? chainId,
      self: voter,
      voteKeyOf: (voter) => voteKeys[voter],
      succession: () => undefined,
      signer: options.signer ?? simulatedSigner(voter),
      crypto: simulatedCrypto,
      random: systemRandom,
      clock: systemClock,
    },
    tls: options.tls ?? (certified[voter] as TlsIdentity),
    validatorIds,
    host: "127.0.0.1",
    port: options.port ?? 0,
    peers: options.peers ?? [],
    logger: silentLogger,
  });
  open.push(transport);
  const port = await transport.start({
    connected: (other) => note(`connected ${other}`),
    disconnected: (other) => note(`disconnected ${other}`),
    received: (other, bytes) => note(`${other}: ${new TextDecoder().decode(bytes)}`),
  });
  const saw = (line: string): Promise<void> =>
    log.includes(line)
      ? Promise.resolve()
      : new Promise((resolve) => waiting.push({ line, resolve }));
  return { transport, port, log, saw };
}

const at = (voter: number, { port }: { port: number }): PeerAddress => ({
  voter,
  host: "127.0.0.1",
  port,
});
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** A connection with a certificate that speaks no better, and when the other side ended it. */
function stranger(port: number, tls = certified[2]): { socket: Socket; ended: Promise<void> } {
  if (tls === undefined) throw new Error("no certificate");
  const at = { host: "127.0.0.1", port, ...clientTls(tls, "validator-1") };
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
  for (const words of ["one", "two", "three"]) first.transport.send(1, text(words));
  const large = "x".repeat(3_000_000);
  second.transport.send(0, text(large));
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
  expect(early.transport.isConnected(1)).toBe(false);
  expect(early.transport.send(1, text("lost"))).toBe(false);
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
    low.transport.send(1, text("from low"));
    high.transport.send(0, text("from high"));
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
  liar.socket.write(frame(encodeHello({ chainId, voter: 2, challenge: new Uint8Array(32) })));
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
  posing.socket.write(frame(encodeHello({ chainId, voter: 2, challenge: new Uint8Array(32) })));
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

test("a taken port is said to be taken", async () => {
  const first = await party({ voter: 0 });
  await expect(party({ voter: 1, port: first.port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
  });
});
