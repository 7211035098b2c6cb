import {
  type AssemblyProblem,
  assembleEventBundle,
  assembleFrameBundle,
  type LogHash,
} from "@voltfog/ledger";
import { eventDetail, type Stream } from "@voltfog/messages";
import { CodedError, type Crypto, equalBytes, type Outcome, toHex } from "@voltfog/runtime";
import type { ChainPort } from "../anchoring/chain-port.ts";
import { RemoteBundleChain } from "../anchoring/remote-bundle-chain.ts";
import type { EventRegister } from "../events/event-register.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { UnitLogView } from "../log/earlier-logs.ts";
import { type App, exactly, identifier, whole } from "./parameters.ts";

export interface ProofParts {
  /** The log that the unit writes, then those before it. */
  readonly logs: readonly UnitLogView[];
  readonly events: EventRegister;
  /** Result of the checkpoint to prove by, where it is not the log's last final one. */
  readonly restsOn: (log: UnitLogView) => Promise<number | undefined>;
  readonly chain: ChainPort;
  readonly chainName: string;
  readonly logHash: LogHash | undefined;
  readonly unit: { readonly id: string; readonly key: Uint8Array };
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  readonly crypto: Crypto;
}

interface FrameQuery {
  readonly vehicle: string;
  readonly stream: Stream;
  readonly sequence: number;
}

type Bundle = Outcome<Uint8Array, AssemblyProblem>;

/** The part of the framework's reply that an answer needs. */
interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  type(name: string): Reply;
  send(body: unknown): unknown;
}

/** Proof bundles of final frames and events: 404 with NOT_FINAL, UNKNOWN_FRAME and the like until then. */
export function addProofRoutes(app: App, parts: ProofParts): void {
  const querystring = exactly(
    {
      vehicle: identifier,
      stream: { type: "string", enum: ["telemetry", "urgent"], default: "telemetry" },
      sequence: whole({ min: 1 }),
    },
    ["vehicle", "sequence"],
  );
  app.get<{ Querystring: FrameQuery }>(
    "/v1/proofs/frame",
    { schema: { querystring } },
    (request, reply) => answer(reply, () => frameBundle(parts, request.query)),
  );
  const params = exactly({ id: { type: "string", pattern: "^[0-9a-f]{64}$" } }, ["id"]);
  app.get<{ Params: { id: string } }>(
    "/v1/proofs/event/:id",
    { schema: { params } },
    (request, reply) => answer(reply, () => eventBundle(parts, request.params.id)),
  );
}

async function frameBundle(parts: ProofParts, query: FrameQuery): Promise<Bundle> {
  const device = parts.deviceOf(query.vehicle);
  const { stream, sequence } = query;
  if (device === undefined) return unknown(`${query.vehicle} is not enrolled here`);
  let bundle: Bundle = unknown(`${query.vehicle} has no frame ${sequence} in this log`);
  for (const { keyId, publicKey } of [device, ...device.earlier]) {
    for (const log of parts.logs) {
      const index = log.view.find({ keyId, stream, sequence });
      if (index === undefined) continue;
      // A frame may be in two logs; the one that became final proves it.
      const vehicle = { key: publicKey, salt: device.idSalt };
      bundle = await assembleFrameBundle(await bundleOptions({ parts, vehicle, log, index }));
      if (bundle.ok) return bundle;
    }
  }
  return bundle;
}

async function eventBundle(parts: ProofParts, id: string): Promise<Bundle> {
  const found = await parts.events.find(id);
  const device = found && parts.deviceOf(found.recorded.event.vehicleId);
  if (found === undefined || device === undefined) return unknown("this unit has no such event");
  const { event, salt, logIndex } = found.recorded;
  const { id: _id, ...detail } = event;
  const { commitment } = event.frame;
  const held = await logOfFrame(parts.logs, { index: logIndex, commitment });
  if (held === undefined) return unknown("no log of this unit holds the event's frame");
  const { log, keyId } = held;
  const signedBy = [device, ...device.earlier].find((key) => equalBytes(key.keyId, keyId));
  if (signedBy === undefined) return unknown("the event's frame is of no key of its vehicle");
  const vehicle = { key: signedBy.publicKey, salt: device.idSalt };
  return assembleEventBundle({
    ...(await bundleOptions({ parts, vehicle, log, index: logIndex })),
    event: { detail: eventDetail(detail), salt },
  });
}

/** An event knows the place of its frame, not in which log or by which key; the commitment tells. */
async function logOfFrame(
  logs: readonly UnitLogView[],
  frame: { index: number; commitment: string },
): Promise<{ log: UnitLogView; keyId: Uint8Array } | undefined> {
  for (const log of logs) {
    if (frame.index >= log.view.size) continue;
    const [stored] = await log.view.read({ from: frame.index, limit: 1 });
    const entry = stored?.entry;
    if (entry === undefined || entry.kind === "log-opened") continue;
    if (toHex(entry.commitment) === frame.commitment) return { log, keyId: entry.keyId };
  }
  return undefined;
}

async function bundleOptions(options: {
  parts: ProofParts;
  vehicle: { key: Uint8Array; salt: Uint8Array };
  log: UnitLogView;
  index: number;
}): Promise<Parameters<typeof assembleFrameBundle>[0]> {
  const { parts, vehicle, log, index } = options;
  const checkpointResult = await parts.restsOn(log);
  return {
    log: log.view,
    logNumber: log.number,
    ...(checkpointResult === undefined ? {} : { checkpointResult }),
    chain: new RemoteBundleChain(parts.chain),
    chainName: parts.chainName,
    logHash: parts.logHash,
    unit: parts.unit,
    vehicle,
    index,
    crypto: parts.crypto,
  };
}

function unknown(detail: string): Bundle {
  return { ok: false, problem: { code: "UNKNOWN_FRAME", detail } };
}

async function answer(reply: Reply, assemble: () => Promise<Bundle>): Promise<unknown> {
  try {
    const bundle = await assemble();
    if (bundle.ok) {
      return reply.type("application/octet-stream").send(Buffer.from(bundle.value));
    }
    const { code, detail } = bundle.problem;
    return reply.status(404).send({ code, message: detail });
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    return reply
      .status(503)
      .header("retry-after", "1")
      .send({ code: thrown.code, message: thrown.message });
  }
}
