import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { SitePaths } from "../../cli/src/site/site-folder.ts";
import { CertificateAuthority } from "../../packages/runtime/src/node/certificates/index.ts";
import { freePort, systemClock } from "../../packages/runtime/src/node/index.ts";
import { eventually } from "../system/running-site.ts";

/** A real nats-server with JetStream in a folder of its own, for holders of the site's certificates only. */
export class NatsServer {
  readonly url: string;
  readonly #configFile: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(o: { configFile: string; port: number }) {
    this.#configFile = o.configFile;
    this.#port = o.port;
    this.url = `tls://127.0.0.1:${o.port}`;
  }

  /** Made, not started. */
  static async make(paths: SitePaths): Promise<NatsServer> {
    const file = (name: string): string => join(paths.root, name);
    const authority = await CertificateAuthority.open({
      certificate: readFileSync(join(paths.certificates, "ca.crt"), "utf8"),
      key: readFileSync(join(paths.keys, "ca.key"), "utf8"),
    });
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const subject = { id: "nats", role: "broker", publicKey } as const;
    const now_ms = systemClock.wall_ms();
    writeFileSync(file("nats.crt"), await authority.issue(subject, { now_ms }));
    const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    writeFileSync(file("nats.key"), key, { mode: 0o600 });
    const port = await freePort();
    const configFile = file("nats.conf");
    writeFileSync(
      configFile,
      `listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(file("nats"))}, max_file_store: 2GB }
tls {
  cert_file: ${JSON.stringify(file("nats.crt"))}
  key_file: ${JSON.stringify(file("nats.key"))}
  ca_file: ${JSON.stringify(join(paths.certificates, "ca.crt"))}
  verify: true
}
`,
    );
    return new NatsServer({ configFile, port });
  }

  async start(): Promise<void> {
    this.#child = spawn("/usr/sbin/nats-server", ["-c", this.#configFile], { stdio: "ignore" });
    await eventually("nats-server to listen", () => answers(this.#port));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

/** The server speaks first, in clear text: INFO. */
function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (found: true | undefined): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(undefined));
  });
}
