import { connect } from "node:net";
import { portList, portsAbove, portsTaken } from "../site/site-ports.ts";
import type { UpFile, UpProcess } from "../supervisor/up-file.ts";
import { getBytes } from "../up/http-json.ts";
import { missingOf } from "../up/readiness.ts";
import type { Findings } from "./verdict.ts";

const host = "127.0.0.1";
const connectLimit_ms = 2000;

/** The ports of a running site answer; those of the next start are free. */
export async function checkPorts(
  findings: Findings,
  options: { up: UpFile | undefined; base: number; units: number },
): Promise<void> {
  if (options.up !== undefined) {
    await checkOwnPorts(findings, options.up);
    return;
  }
  const ports = portList(portsAbove(options.base, options.units));
  const taken = await portsTaken(ports);
  const range = `${options.base} and above`;
  if (taken.length === 0) findings.ok(`${ports.length} ports from ${range} are free`);
  else {
    const what = `another process has ${taken.length === 1 ? "port" : "ports"} ${taken.join(", ")}`;
    findings.warn(what, "stop it, or start with voltfog up --port 0, which takes free ones");
  }
}

async function checkOwnPorts(findings: Findings, up: UpFile): Promise<void> {
  const held: number[] = [];
  for (const { id, ports } of up.processes) {
    for (const [name, port] of Object.entries(ports) as [string, number][]) {
      if (await answers(port)) held.push(port);
      else {
        const what = `nothing listens on port ${port}, ${name} of ${id}`;
        findings.fail(what, `see the log of ${id} and voltfog status`);
      }
    }
  }
  findings.ok(`${held.length} ports are held by this site`);
}

/** Every process of a running site serves and lacks nothing. */
export async function checkProcesses(findings: Findings, up: UpFile): Promise<void> {
  const lacks = await Promise.all(up.processes.map(lackOf));
  const faults = lacks.filter((lack) => lack !== undefined);
  for (const { what, isDead } of faults) {
    const todo = "see its log in the site's logs folder";
    if (isDead) findings.fail(what, todo);
    else findings.warn(what, todo);
  }
  findings.ok(`${lacks.length - faults.length} of ${lacks.length} processes are ready`);
}

async function lackOf(process: UpProcess): Promise<{ what: string; isDead: boolean } | undefined> {
  const { id, pid, ports } = process;
  if (pid === null) return { what: `${id} has died and waits for its next start`, isDead: true };
  const url = `http://${host}:${ports.http}/health`;
  const alive = await getBytes(url).then(
    ({ status }) => status === 200,
    () => false,
  );
  if (!alive) return { what: `${id} does not answer`, isDead: true };
  const missing = await missingOf(process);
  return missing.length === 0
    ? undefined
    : { what: `${id} is not ready: ${missing.join(", ")}`, isDead: false };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectLimit_ms });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
