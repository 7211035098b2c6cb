import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Clock, Random } from "@voltfog/runtime";
import type { Recorded } from "./device-transaction.ts";
import { enrolVehicle } from "./enrol-vehicle.ts";
import { openSiteAuthority } from "./site-certificates.ts";
import type { SitePaths } from "./site-folder.ts";

const bodyMax_bytes = 16_384;
/** Attempts per minute of everybody together: tokens are long, so this only bounds the work. */
const attemptsMax = 60;
const minute_ms = 60_000;

export interface Registrar {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Enrols vehicles by one-time tokens over HTTPS, POST /v1/enrolments {token, csr}. It needs the key of the
 * site's authority, so it is a process of its own that runs only while vehicles are being enrolled.
 */
export async function openRegistrar(o: {
  paths: SitePaths;
  host: string;
  port: number;
  clock: Clock;
  random: Random;
  enrolled: (news: { vehicle: string; recorded: Promise<Recorded> }) => void;
  refused: (code: string) => void;
}): Promise<Registrar> {
  const { authority } = await openSiteAuthority(o.paths);
  // The key lives in this process alone, which holds the authority's anyway.
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = { dnsNames: ["localhost", "registrar"], ipAddresses: ["127.0.0.1", "::1"] };
  const subject = { id: "registrar", role: "controller", publicKey, ...names } as const;
  const certificate = await authority.issue(subject, { now_ms: o.clock.wall_ms() });
  const key = privateKey.export({ format: "pem", type: "pkcs8" });
  const attempts: number[] = [];
  // One after the other: each reads and replaces the site's lists.
  let turn: Promise<unknown> = Promise.resolve();
  const server = createServer(
    { cert: certificate, key, minVersion: "TLSv1.3" },
    (request, response) => {
      const now_ms = o.clock.monotonic_ms();
      while ((attempts[0] ?? now_ms) < now_ms - minute_ms) attempts.shift();
      if (attempts.length >= attemptsMax) {
        return answer(response, 429, { code: "TOO_MANY", message: "try again in a minute" });
      }
      attempts.push(now_ms);
      turn = turn.then(() => serve(o, request, response));
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(o.port, o.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : o.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

type Options = Parameters<typeof openRegistrar>[0];

async function serve(
  o: Options,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST" || request.url !== "/v1/enrolments") {
    return answer(response, 404, { code: "ROUTE_UNKNOWN", message: "POST /v1/enrolments" });
  }
  const asked = fieldsOf(await bodyOf(request));
  if (asked === undefined) {
    const message = "send {token, csr} as JSON";
    return answer(response, 400, { code: "BODY_INVALID", message });
  }
  try {
    const outcome = await enrolVehicle(o.paths, { ...asked, clock: o.clock, random: o.random });
    if (!outcome.ok) {
      const { code, detail } = outcome.problem;
      o.refused(code);
      return answer(response, 422, { code, message: detail });
    }
    const { recorded, ...files } = outcome.value;
    o.enrolled({ vehicle: files.vehicleId, recorded });
    answer(response, 201, files);
  } catch (thrown) {
    o.refused("SITE_UNUSABLE");
    answer(response, 503, { code: "SITE_UNUSABLE", message: String(thrown).slice(0, 200) });
  }
}

/** The body, or nothing where it is too long or breaks off. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length_bytes = 0;
  try {
    for await (const part of request) {
      length_bytes += (part as Buffer).length;
      if (length_bytes > bodyMax_bytes) return undefined;
      parts.push(part as Buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts).toString("utf8");
}

function fieldsOf(body: string | undefined): { token: string; csr: string } | undefined {
  try {
    const { token, csr } = JSON.parse(body ?? "") as Readonly<Record<string, unknown>>;
    return typeof token === "string" && typeof csr === "string" ? { token, csr } : undefined;
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(content));
}
