import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url));

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command from its sources, in an environment without any of its variables. */
function voltfog(...args: string[]): Promise<Run> {
  const flags = ["--conditions=source", "--import", "tsx", main, ...args];
  const environment = { PATH: process.env["PATH"] };
  return new Promise((resolve) => {
    const options = { cwd: repository, env: environment };
    execFile(process.execPath, flags, options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

describe("voltfog", { timeout: 60_000 }, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cli-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function complaintOf(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await voltfog(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^voltfog: [^\n]+\n$/);
    return stderr.trim();
  }

  it("complains in one line about unknown commands and flags, and offers the nearest", async () => {
    expect(await complaintOf("statsu")).toMatch(/unknown command 'statsu'.*status/);
    expect(await complaintOf("status", "--jsn")).toMatch(/unknown option '--jsn'.*--json/);
    expect(await complaintOf("status", "--wrong")).toBe(
      "voltfog: USAGE_INVALID: unknown option '--wrong'; see voltfog status --help",
    );
    expect(await complaintOf("token", "create")).toMatch(/'--role <role>'.*token create --help$/);
    expect(await complaintOf("verify", "--genesis", "g")).toMatch(
      /missing required argument 'file'/,
    );
    expect(await complaintOf("log", "fsk", "x")).toMatch(/unknown command 'fsk'.*fsck/);
  });

  it("complains in one line about files that are not there or hold something else", async () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "");
    const missing = join(folder, "missing");
    expect(await complaintOf("verify", missing, "--genesis", empty)).toContain("no such file");
    expect(await complaintOf("verify", empty, "--genesis", missing)).toContain("no such file");
    expect(await complaintOf("verify", empty, "--genesis", empty)).toContain("is no genesis file");
    expect(await complaintOf("log", "fsck", missing)).toContain("no such folder");
    expect(await complaintOf("cloud", "--config", missing)).toContain("no such file");
    expect(await complaintOf("cloud", "--config", empty)).toContain("holds no JSON object");
    const proof = ["proof", "--vehicle", "v", "--frame", "1", "--out", "x", "--data", missing];
    expect(await complaintOf(...proof)).toContain("holds no Voltfog site");
  });

  /** Settings that are required and come after what is looked at here. */
  const noTls = ["--tls-authority", "x", "--tls-certificate", "x", "--tls-key", "x"];

  it("complains in one line about settings that are unknown, missing or out of range", async () => {
    const config = join(folder, "config.json");
    writeFileSync(config, '{"httpPortt": 1}');
    expect(await complaintOf("controller", "--config", config)).toContain(
      "unknown setting httpPortt",
    );
    expect(await complaintOf("controller")).toMatch(/is required; see voltfog controller --help/);
    const ranged = ["controller", "--http-port", "99999", "--print-config"];
    expect(await complaintOf(...ranged)).toContain("must be a whole number from 0 to 65535");
    const units = ["controller", "--data-dir", folder, "--units", "nonsense", ...noTls];
    expect(await complaintOf(...units)).toContain("is not id@https://host:port");
    expect(await complaintOf("up", "--port", "x")).toContain("--port is");
    expect(await complaintOf("up", "--report", "x")).toContain("add --for");
    expect(await complaintOf("up", "--for", "60")).toContain("DURATION_INVALID: ");
    expect(await complaintOf("up", "--nats", "nats://x")).toContain("URL_INVALID: ");
    const loud = ["controller", "--log-level", "loud", "--print-config"];
    expect(await complaintOf(...loud)).toContain("must be a text like ");
  });

  it("complains in one line about a taken port before anything starts", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const up = await complaintOf("up", "--data", join(folder, "site"), "--port", `${port}`);
      expect(up).toContain(`${port}`);
      expect(up).toContain("choose others with --port");
      const site = join(folder, "certified");
      const init = ["site", "init", "--data", site, "--units", "1", "--vehicles", "1", "--json"];
      const { stdout } = await voltfog(...init);
      expect(JSON.parse(stdout)).toMatchObject({ isNew: true, isNewAuthority: true, issued: 7 });
      const unit = "unit-1@https://127.0.0.1:1@127.0.0.1:2";
      const tls = [
        ...["--tls-authority", join(site, "certificates", "ca.crt")],
        ...["--tls-certificate", join(site, "certificates", "controller.crt")],
        ...["--tls-key", join(site, "keys", "controller.tls.key")],
      ];
      const ports = ["--http-port", `${port}`, "--backbone-port", "0"];
      const flags = ["--data-dir", folder, "--units", unit, ...ports, ...tls];
      expect(await complaintOf("controller", ...flags)).toContain(`port ${port} is taken`);
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  it("prints the settings in force, flags before file before defaults", async () => {
    const config = join(folder, "controller.json");
    writeFileSync(config, '{"httpPort": 7000, "poll_ms": 500}');
    const { code, stdout } = await voltfog(
      ...["controller", "--config", config, "--poll-ms", "250", "--print-config"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      httpPort: 7000,
      poll_ms: 250,
      missesMax: 3,
      dataDir: null,
    });
  });

  it("answers that nothing runs with exit code 1, as text and as JSON", async () => {
    const text = await voltfog("status", "--data", folder);
    expect([text.code, text.stdout]).toEqual([
      1,
      `nothing runs on ${folder}; start it with voltfog up\n`,
    ]);
    const json = await voltfog("status", "--data", folder, "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ running: false, processes: [], placements: null });
  });

  it("names what is missing where a folder holds no store", async () => {
    const { code, stderr } = await voltfog("store", "export", "--data", folder, "--out", folder);
    expect([code, stderr.includes("holds no store of a cloud")]).toEqual([2, true]);
  });

  it("has help with examples on every command", async () => {
    const commands = ["up", "status", "proof", "verify", "edge", "rsu", "validator", "controller"];
    const helps = [...commands.map((name) => [name]), ...[["cloud"], ["log", "fsck"], []]];
    const runs = await Promise.all(helps.map((command) => voltfog(...command, "--help")));
    expect(runs.map(({ code }) => code)).toEqual(helps.map(() => 0));
    expect(runs.filter(({ stdout }) => !stdout.includes("Examples:"))).toEqual([]);
  });
});
