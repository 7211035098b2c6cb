import {
  consistencyPath,
  encodeEntry,
  encodeResult,
  encodeWithdrawal,
  leafHash,
  rootOf,
} from "@voltfog/ledger";
import { toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import type { AnchorContent } from "../anchor-statement.ts";
import { anchorQuorum } from "../anchor-statement.ts";
import { vaultIdOf } from "../settlement-vault.ts";
import { AnchoredSite, anchorKeys, payer, setOf } from "./anchored-site.ts";
import type { AnvilNode } from "./anvil-node.ts";
import { TestContract } from "./test-contract.ts";

interface Row {
  readonly what: string;
  readonly gas: number;
}

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
const hashOf = (name: string): Uint8Array => crypto.sha256(utf8(name));
const chain = hex(hashOf("a consortium"));
/** Leaves of the log below a path of twenty siblings. */
const million = 2 ** 20;

/** Measured on a node that makes blocks when asked; the same figures each time. Markdown. */
export async function gasReport(node: AnvilNode): Promise<string> {
  const rows = [
    ...(await anchors(node)),
    ...(await proofs(node)),
    ...(await logs(node)),
    ...(await events(node)),
    ...(await vaults(node)),
  ];
  const anchor = rows.find(({ what }) => what.includes("anchor, 4"))?.gas ?? 0;
  const lines = rows.map(({ what, gas }) => `| ${what} | ${gas.toLocaleString("en")} |`);
  return [
    "# Gas",
    "",
    "What the contracts cost, measured on anvil 1.7.1 with the committed artefacts. `npm run gas` writes this file, and a test compares it. Whole transactions, their 21,000 included; views cost nothing when they are asked from outside and this much when a transaction of their own asks them.",
    "",
    "| what | gas |",
    "| --- | ---: |",
    ...lines,
    "",
    `An anchor proves every result below it, and each checkpoint among those every entry of its log: with 4 validators and a million entries between two anchors that is ${(anchor / 1e6).toFixed(2)} gas an entry.`,
    "",
  ].join("\n");
}

async function anchors(node: AnvilNode): Promise<Row[]> {
  const rows: Row[] = [];
  for (const n of [4, 7, 10, 20]) {
    const site = await AnchoredSite.deploy({ node, validators: n, chain });
    const q = anchorQuorum(n);
    const signers = site.keys.slice(0, q);
    if (n === 4) {
      rows.push({ what: "deploy CheckpointAnchor, 4 validators", gas: site.deployGas.anchors });
      rows.push({ what: "deploy RecordVerifier", gas: site.deployGas.verifier });
    }
    await site.anchor(content(1), signers);
    const what = `CheckpointAnchor.anchor, ${n} validators`;
    rows.push(await row(what, site.anchor(content(2), signers)));
    const validators = setOf(anchorKeys(n, 500));
    const statement = {
      kind: "validators",
      content: { version: 2, height: 2, validators },
    } as const;
    const args = [2, validators, ...site.signed(statement, signers)];
    const change = site.anchors.send(payer, "changeValidators", args);
    rows.push(await row(`CheckpointAnchor.changeValidators, ${n} for ${n}`, change));
  }
  return rows;
}

async function proofs(node: AnvilNode): Promise<Row[]> {
  const site = await AnchoredSite.deploy({ node, validators: 4, chain });
  const frame = new Uint8Array(5000).fill(7);
  const entry = encodeEntry({
    ...{ kind: "frame", stream: "telemetry", unlinked: false, sequence: 9, sampleCount: 64 },
    keyId: hashOf("vehicle").slice(0, 16),
    commitment: crypto.sha256(frame),
  });
  const logged = climbed("log", leafHash(entry, crypto));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(million));
  const salt = new Uint8Array(16);
  const detail = utf8("x".repeat(400));
  const base = { height: 5, txIndex: 0, txHash: hashOf("tx"), sender: hashOf("unit"), code: "OK" };
  const checkpoint = encodeResult({
    ...{ ...base, module: 1, action: 1 },
    data: Uint8Array.from([...hashOf("log id"), ...size, ...logged.root]),
  });
  const notice = encodeResult({
    ...{ ...base, module: 2, action: 1 },
    data: Uint8Array.from([12, 1, 2, ...size.slice(4), ...salt, ...crypto.sha256(salt, detail)]),
  });
  const rows: Row[] = [];
  let height = 10;
  for (const [name, bytes] of [
    ["frame", checkpoint],
    ["notice", notice],
  ] as const) {
    const { root, path } = climbed("results", leafHash(bytes, crypto));
    const anchor = content(++height, { resultsSize: million, resultsRoot: hex(root) });
    await site.anchor(anchor, site.keys);
    const proven = [anchor, hex(bytes), 0, path.map(hex)];
    const entryArgs = [hex(entry), 0, logged.path.map(hex)];
    if (name === "frame") {
      const args = [proven, entryArgs, hex(frame)];
      const gas = await site.verifier.viewGas("verifyFrame", args);
      rows.push({ what: "RecordVerifier.verifyFrame, 5 kB, two paths of 20", gas });
    } else {
      const args = [proven, hex(salt), hex(detail)];
      const gas = await site.verifier.viewGas("verifyNotice", args);
      rows.push({ what: "RecordVerifier.verifyNotice, path of 20", gas });
    }
  }
  return rows;
}

async function logs(node: AnvilNode): Promise<Row[]> {
  const { contract, gas } = await TestContract.deploy({ node, name: "LogRegistry", key: payer });
  const log = hex(hashOf("log"));
  const leaves = Array.from({ length: 20_000 }, (_, i) => hashOf(`leaf ${i}`));
  const root = (size: number): string => hex(rootOf(leaves.slice(0, size), crypto));
  const rows = [{ what: "deploy LogRegistry", gas }];
  const first = contract.send(payer, "submit", [log, 10_001, root(10_001), []]);
  rows.push(await row("LogRegistry.submit, first", first));
  const path = consistencyPath({ leaves, from: 10_001, to: 20_000, crypto }).map(hex);
  const further = contract.send(payer, "submit", [log, 20_000, root(20_000), path]);
  rows.push(await row(`LogRegistry.submit, further, path of ${path.length}`, further));
  const opened = contract.send(payer, "open", [hex(hashOf("next log")), log]);
  rows.push(await row("LogRegistry.open", opened));
  return rows;
}

async function events(node: AnvilNode): Promise<Row[]> {
  const { contract, gas } = await TestContract.deploy({ node, name: "EventRegistry", key: payer });
  const record = (id: number): string =>
    `0c010200000001${"aa".repeat(16)}${toHex(hashOf(`event ${id}`))}`;
  const one = contract.send(payer, "record", [`0x${record(0)}`]);
  const rows = [
    { what: "deploy EventRegistry", gas },
    await row("EventRegistry.record, 1 event", one),
  ];
  const many = Array.from({ length: 64 }, (_, i) => record(i + 1)).join("");
  rows.push(
    await row("EventRegistry.record, 64 events", contract.send(payer, "record", [`0x${many}`])),
  );
  return rows;
}

async function vaults(node: AnvilNode): Promise<Row[]> {
  const site = await AnchoredSite.deploy({ node, validators: 4, chain });
  const args = [site.verifier.address, 1];
  const name = "SettlementVault";
  const { contract, gas } = await TestContract.deploy({ node, name, args, key: payer });
  const rows = [{ what: "deploy SettlementVault", gas }];
  const account = hex(hashOf("account"));
  await contract.send(payer, "deposit", [account], 1000n);
  const further = contract.send(payer, "deposit", [account], 1000n);
  rows.push(await row("SettlementVault.deposit", further));
  const vault = vaultIdOf({ evmChainId: 31337n, contract: contract.address, crypto });
  const address = hashOf("payee").slice(0, 20);
  for (const number of [1, 2]) {
    const data = encodeWithdrawal({
      ...{ number, account: hashOf("account"), amount: 10, height: 5 },
      goal: { kind: "vault", vault, address },
    });
    const base = { height: 5, txIndex: 0, txHash: hashOf("tx"), sender: hashOf("account") };
    const bytes = encodeResult({ ...base, module: 6, action: 7, code: "OK", data });
    const { root, path } = climbed("results", leafHash(bytes, crypto));
    const anchor = content(number, { resultsSize: million, resultsRoot: hex(root) });
    await site.anchor(anchor, site.keys);
    const paid = contract.send(payer, "withdraw", [[anchor, hex(bytes), 0, path.map(hex)]]);
    const what = number === 1 ? "first of 256, to a new address" : "further, path of 20";
    rows.push(await row(`SettlementVault.withdraw, ${what}`, paid));
  }
  return rows;
}

function content(height: number, over: Partial<AnchorContent> = {}): AnchorContent {
  return {
    height,
    blockHash: hex(hashOf(`block ${height}`)),
    resultsSize: 100 * height,
    resultsRoot: hex(hashOf(`root ${height}`)),
    ...over,
  };
}

/** The leaf as the first of a million, by siblings that nothing else is known of. */
function climbed(name: string, leaf: Uint8Array): { root: Uint8Array; path: Uint8Array[] } {
  const path = Array.from({ length: 20 }, (_, i) => hashOf(`${name} ${i}`));
  const root = path.reduce((hash, sibling) => crypto.sha256(Uint8Array.of(1), hash, sibling), leaf);
  return { root, path };
}

async function row(what: string, sent: Promise<number | string>): Promise<Row> {
  const gas = await sent;
  if (typeof gas === "string") throw new Error(`${what}: ${gas}`);
  return { what, gas };
}

/** Where the committed report is. */
export const gasReportFile: URL = new URL("../../../../../contracts/gas.md", import.meta.url);
