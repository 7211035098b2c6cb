import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { freePort, type TlsIdentity } from "@voltfog/runtime/node";
import { MqttConnection, type Target } from "../mqtt/mqtt-connection.ts";
import { BenchChild } from "../processes/bench-child.ts";
import type { AedesReply, AedesRequest } from "./aedes-process.ts";
import type { UnitSite } from "./unit-under-test.ts";

/** A broker at work, to be measured in the place of the unit. */
export interface RunningPeer {
  readonly target: Target;
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
}

export interface Peer {
  readonly name: "aedes" | "mosquitto";
  readonly configuration: string;
  start(o: { folder: string; clock: Clock; site: UnitSite }): Promise<RunningPeer>;
}

const host = "127.0.0.1";
const mosquittoPlaces = [
  "/usr/sbin/mosquitto",
  "/usr/local/sbin/mosquitto",
  "/opt/homebrew/sbin/mosquitto",
];

/** The peers that this machine has; mosquitto comes from the system's packages. */
export function peersHere(): readonly Peer[] {
  const program = mosquittoPlaces.find((place) => existsSync(place));
  return program === undefined ? [aedesPeer] : [aedesPeer, mosquittoPeer(program)];
}

const aedesPeer: Peer = {
  name: "aedes",
  configuration:
    "one Node process, its in-memory stores, defaults, TCP_NODELAY on its side too, mutual TLS 1.3",
  async start({ site }) {
    const child = new BenchChild<AedesRequest, AedesReply>(
      new URL("./aedes-process", import.meta.url),
    );
    const { port, version } = await child.ask(
      { kind: "listen", identity: site.broker },
      "listening",
    );
    return { target: { host, port }, pid: child.pid, version, stop: () => child.stop() };
  },
};

const mosquittoSettings = [
  "allow_anonymous true",
  "require_certificate true",
  "tls_version tlsv1.3",
  "persistence false",
  "set_tcp_nodelay true",
  // Without limits nothing is dropped when the subscriber is slower than the vehicles.
  "max_inflight_messages 0",
  "max_queued_messages 0",
];

function mosquittoPeer(program: string): Peer {
  return {
    name: "mosquitto",
    configuration: mosquittoSettings.join(", "),
    async start({ folder, clock, site }) {
      const port = await freePort();
      const file = join(folder, "mosquitto.conf");
      const { tlsAuthority, tlsCertificate, tlsKey } = site.files;
      const lines = [
        `listener ${port} ${host}`,
        "log_type error",
        ...mosquittoSettings,
        `cafile ${tlsAuthority}`,
        `certfile ${tlsCertificate}`,
        `keyfile ${tlsKey}`,
      ];
      // Started as root it would change to a user that may not read this folder.
      if (process.getuid?.() === 0) lines.push("user root");
      writeFileSync(file, `${lines.join("\n")}\n`);
      const log = openSync(join(folder, "mosquitto.log"), "a");
      const child = spawn(program, ["-c", file], { stdio: ["ignore", log, log] });
      closeSync(log);
      const target = { host, port };
      await untilItAnswers({ target, clock, identity: site.reader });
      const version = versionOf(program);
      return { target, pid: child.pid ?? 0, version, stop: () => ended(child) };
    },
  };
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ["-h"], { encoding: "utf8" });
  return /version (\S+)/.exec(stdout ?? "")?.[1] ?? "unknown";
}

async function untilItAnswers(o: {
  target: Target;
  clock: Clock;
  identity: TlsIdentity;
}): Promise<void> {
  const { target, clock, identity } = o;
  const login = { clientId: "probe", identity };
  for (let attempt = 1; ; attempt++) {
    try {
      (await MqttConnection.open(target, login)).close();
      return;
    } catch (thrown) {
      if (attempt === 100) throw thrown;
      await new Promise<void>((resolve) => clock.after(50, resolve));
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exit;
}
