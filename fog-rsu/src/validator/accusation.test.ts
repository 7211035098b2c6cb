import { encodeMessage } from "@voltfog/consensus";
import { TlsTransport } from "@voltfog/consensus/node";
import {
  Chain,
  consortiumAction,
  engineNames,
  moduleNumber,
  signTransaction,
} from "@voltfog/ledger";
import { ByteWriter, decodeBytes, type Signer, silentLogger, utf8 } from "@voltfog/runtime";
import {
  loadSigningKey,
  loadTlsIdentity,
  nodeCrypto,
  systemClock,
  systemRandom,
} from "@voltfog/runtime/node";
import { afterEach, expect, test } from "vitest";
import { createValidatorSite, type ValidatorSite } from "./testing/validator-site.ts";
import { type RunningValidator, runValidator } from "./validator.ts";

const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
const liar = 3;
const open: { stop(): Promise<void> }[] = [];
let site: ValidatorSite;
let running: RunningValidator[];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
  site.remove();
});

interface Row {
  readonly id: string;
  readonly weight: number;
  readonly quarantined: boolean;
}
interface Status {
  readonly height: number;
  readonly epoch: number;
  readonly validators: readonly Row[];
}

function get(i: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${running[i]?.ports.http}${path}`);
}

async function statusOf(i: number): Promise<Status> {
  return (await (await get(i, "/v1/status")).json()) as Status;
}

async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const value = await probe();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

function keyOf(i: number): Signer {
  return loadSigningKey(site.validators[i]?.key ?? "");
}

/** A PREPARE of the liar, as docs/specs/consensus.md has it. */
function prepareFor(height: number, digest: Uint8Array): Uint8Array {
  const at = { height, round: 0, voter: liar };
  const signed = new ByteWriter()
    .raw(utf8("voltfog/prepare/1\n"))
    .raw(site.genesis.chainId)
    .u64(0)
    .u64(at.height)
    .u32(at.round)
    .raw(digest)
    .finish();
  const signature = keyOf(liar).sign(signed);
  const vote = encodeMessage({ type: "prepare", ...at, digest, signature });
  return new Uint8Array([1, ...vote]);
}

/** Connects under the liar's own certificate and key, and says both to whoever hears it. */
async function contradictItself(height: number, hears: (id: string) => boolean): Promise<void> {
  const config = site.validators[liar];
  if (config === undefined) throw new Error("the site has a fourth validator");
  const { genesis } = site;
  const seats = genesis.validators.map((one) => ({ ...one, endpoint: undefined }));
  const transport = new TlsTransport({
    identity: {
      chainId: genesis.chainId,
      id: config.id,
      voteKeyOf: (id) => seats.find((seat) => seat.id === id)?.voteKey,
      succession: () => undefined,
      signer: keyOf(liar),
      crypto: nodeCrypto,
      random: systemRandom,
      clock: systemClock,
    },
    tls: loadTlsIdentity(config, silentLogger),
    membership: { seats: () => seats, isRemoved: () => false, admits: () => true },
    host: config.host,
    port: config.p2pPort,
    peers: config.peers.map((text) => {
      const [id = "", host = "", port = ""] = text.split(/[@:]/);
      return { id, host, port: Number(port) };
    }),
    logger: silentLogger,
  });
  const hearing = new Set<number>();
  const sayBoth = (): void => {
    for (const peer of hearing) {
      for (const fill of [1, 2]) {
        transport.send(peer, prepareFor(height, new Uint8Array(32).fill(fill)));
      }
    }
  };
  // Again and again: of two connections that both dial, one goes, and what was said on it.
  const timer = setInterval(sayBoth, 100);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await transport.stop();
  };
  open.push({ stop });
  await transport.start({
    connected(peer) {
      if (hears(transport.idOf(peer) ?? "")) hearing.add(peer);
    },
    disconnected: (peer) => hearing.delete(peer),
    received: () => {},
  });
}

/**
 * The removal that the accusation opened, from the final blocks as anyone can execute them again; undefined
 * while the block is not served: the head is known before it is durable.
 */
async function openedChange(): Promise<Uint8Array | undefined> {
  const chain = Chain.fromGenesis({ genesis: site.genesis, crypto: nodeCrypto });
  const bytes = new Uint8Array(await (await get(0, "/v1/blocks?from=1&limit=8")).arrayBuffer());
  const page = decodeBytes(bytes, (reader) => {
    expect(reader.u8()).toBe(1);
    return reader.list({
      limit: 8,
      read: (each) => ({ block: each.block(1 << 22), certificate: each.block(1 << 16) }),
    });
  });
  if (!page.ok) throw new Error(page.problem.detail);
  const accused = page.value
    .flatMap((final) => {
      const followed = chain.follow(final);
      return followed.ok ? followed.value.results : [];
    })
    .find(({ module, action }) => {
      return module === moduleNumber.consortium && action === consortiumAction.accuse;
    });
  if (accused !== undefined) expect(accused.code).toBe("OK");
  return accused?.data.slice(-32);
}

async function approve(i: number, changeId: Uint8Array): Promise<void> {
  const body = signTransaction({
    chainId: site.genesis.chainId,
    module: moduleNumber.consortium,
    action: consortiumAction.approve,
    nonce: 1_000_000,
    payload: changeId,
    signer: keyOf(i),
  });
  await post(i, body);
}

async function post(i: number, body: Uint8Array): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${running[i]?.ports.http}/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: body as Uint8Array<ArrayBuffer>,
  });
  expect(answer.status).toBe(202);
}

const engines = engineNames.map((name) => ({ name, redundant: 0 }));

test.each(engines)(
  "$name: who signs two votes for one slot is accused, loses its turns, and is voted out",
  async (engine) => {
    site = await createValidatorSite({
      ...{ count: 4, engine },
      blockInterval_ms: 100,
      emptyBlockInterval_ms: 60_000,
    });
    running = [];
    for (const config of site.validators.slice(0, liar)) {
      const validator = await runValidator(config, ports);
      running.push(validator);
      open.push(validator);
    }
    // The first block is late when they start; the second waits for something to put into it.
    for (const i of [0, 1, 2]) {
      await until("the first block", async () => (await statusOf(i)).height === 1 || undefined);
    }
    const builder = await until("who built it", async () => {
      const answer = await get(0, "/v1/blocks/1");
      return answer.ok ? ((await answer.json()) as { proposer: string }).proposer : undefined;
    });
    // Where one voter gathers the votes, it alone may have both.
    const isAlone = engine.name === "linear" || engine.name === "sbft";
    await contradictItself(2, (id) => !isAlone || id === builder);
    for (const i of [0, 1, 2]) {
      const { validators } = await until("a quarantine", async () => {
        const status = await statusOf(i);
        return status.validators.some(({ quarantined }) => quarantined) ? status : undefined;
      });
      expect(validators.map(({ weight }) => weight)).toEqual([1, 1, 1, 0]);
    }
    const changeId = await until("the change that it opened", openedChange);
    for (const i of [0, 1, 2]) await approve(i, changeId);
    // The set changes two blocks after the decision, and nothing else asks for blocks here.
    const { validators, epoch } = await until("the removal", async () => {
      const status = await grown(0);
      return status.epoch === 1 ? status : undefined;
    });
    expect(epoch).toBe(1);
    expect(validators.map(({ id }) => id)).toEqual(["validator-1", "validator-2", "validator-3"]);
    const { height } = await grown(0);
    for (const i of [1, 2]) {
      await until("its block", async () => (await statusOf(i)).height >= height || undefined);
    }
  },
);

/** The status after one more block, for which a transaction asks. */
async function grown(i: number): Promise<Status> {
  const { height } = await statusOf(i);
  await post(i, site.nextTransaction());
  return until("one more block", async () => {
    const status = await statusOf(i);
    return status.height > height ? status : undefined;
  });
}
