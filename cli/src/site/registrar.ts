import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type Clock, fromHex, type Random } from "@voltfog/runtime";
import type { Recorded } from "./device-transaction.ts";
import { enrolVehicle } from "./enrol-vehicle.ts";
import { rotateVehicle } from "./rotate-vehicle.ts";
import { openSiteAuthority } from "./site-certificates.ts";
import type { SitePaths } from "./site-folder.ts";

const bodyMax_bytes = 16_384;
/** Attempts per minute of everybody together: tokens are long, so this only bounds the work. */
const attemptsMax = 60;
const minute_ms = 60_000;
const connectionsMax = 64;
/** A vehicle on a bad line gets so long to say what it wants. */
const requestTimeout_ms = 30_000;

export interface Registrar {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Enrols vehicles by one-time tokens over HTTPS, POST /v1/enrolments {token, csr}, and changes their keys
 * on the word of both, POST /v1/rotations {rotation} in hex. It needs the key of the site's authority, so
 * it is a process of its own that runs only while that is wanted.
 */
export async function openRegistrar(o: {
  paths: SitePaths;
  host: string;
  port: number;
  clock: Clock;
  random: Random;
  enrolled: (news: { vehicle: string; recorded: Promise<Recorded> }) => void;
  rotated: (news: { vehicle: string; recorded: Promise<Recorded> }) => void;
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
  const server = createServer(
    { cert: certificate, key, minVersion: "TLSv1.3" },
    (request, response) => {
      const now_ms = o.clock.monotonic_ms();
      while ((attempts[0] ?? now_ms) < now_ms - minute_ms) attempts.shift();
      if (attempts.length >= attemptsMax) {
        return answer(response, 429, { code: "TOO_MANY", message: "try again in a minute" });
      }
      attempts.push(now_ms);
      void serve(o, request, response);
    },
  );
  server.maxConnections = connectionsMax;
  server.requestTimeout = requestTimeout_ms;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(o.port, o.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : o.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

type Options = Parameters<typeof openRegistrar>[0];

interface Answer {
  readonly status: number;
  readonly content: object;
}

async function serve(
  o: Options,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = request.method === "POST" ? routes.get(request.url ?? "") : undefined;
  if (route === undefined) {
    const message = `POST ${[...routes.keys()].join(" or ")}`;
    return answer(response, 404, { code: "ROUTE_UNKNOWN", message });
  }
  try {
    const { status, content } = await route(o, fieldsOf(await bodyOf(request)));
    if (status >= 400) o.refused((content as { code: string }).code);
    answer(response, status, content);
  } catch (thrown) {
    o.refused("SITE_UNUSABLE");
    answer(response, 503, { code: "SITE_UNUSABLE", message: String(thrown).slice(0, 200) });
  }
}

type Fields = Readonly<Record<string, unknown>>;

const routes: ReadonlyMap<string, (o: Options, fields: Fields) => Promise<Answer>> = new Map([
  ["/v1/enrolments", enrol],
  ["/v1/rotations", rotate],
]);

async function enrol(o: Options, { token, csr }: Fields): Promise<Answer> {
  if (typeof token !== "string" || typeof csr !== "string") return invalid("{token, csr}");
  const outcome = await enrolVehicle(o.paths, { token, csr, clock: o.clock, random: o.random });
  if (!outcome.ok) return refusal(outcome.problem);
  const { recorded, ...files } = outcome.value;
  o.enrolled({ vehicle: files.vehicleId, recorded });
  return { status: 201, content: files };
}

async function rotate(o: Options, { rotation }: Fields): Promise<Answer> {
  const bytes = typeof rotation === "string" ? fromHex(rotation) : undefined;
  if (bytes === undefined) return invalid("{rotation} in hex");
  const outcome = await rotateVehicle(o.paths, { rotation: bytes, clock: o.clock });
  if (!outcome.ok) return refusal(outcome.problem);
  const { recorded, ...files } = outcome.value;
  o.rotated({ vehicle: files.vehicleId, recorded });
  return { status: 201, content: files };
}

function invalid(wanted: string): Answer {
  const content = { code: "BODY_INVALID", message: `send ${wanted} as JSON` };
  return { status: 400, content };
}

function refusal({ code, detail }: { code: string; detail: string }): Answer {
  return { status: 422, content: { code, message: detail } };
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

/** What a JSON object says; nothing for any other text. */
function fieldsOf(body: string | undefined): Fields {
  try {
    const parsed: unknown = JSON.parse(body ?? "");
    return typeof parsed === "object" && parsed !== null ? (parsed as Fields) : {};
  } catch {
    return {};
  }
}

function answer(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(content));
}
