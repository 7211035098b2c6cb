import {
  flag,
  type JsonSchema,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  text,
  whole,
} from "../api/schema.ts";
import type { Freshness, Known } from "./control-desk.ts";
import type { MoveHistory, MoveView } from "./history.ts";
import type { OrderEvent, PoliciesView, PolicyChangeView } from "./order-events.ts";
import type {
  AttachmentView,
  ConsideredUnit,
  FunctionUse,
  PlacedFunction,
  Placements,
} from "./placements.ts";
import type { PolicyUnit, Quarantine, RateLimit } from "./policies.ts";
import { type StepPlace, type StepView, stepNames } from "./step-view.ts";
import type {
  Resources,
  Topology,
  UnitLink,
  UnitNode,
  UplinkView,
  VehicleLatency,
  VehicleNode,
} from "./topology.ts";
import type { SupposedMove, SupposedUnit, WhatIf } from "./what-if.ts";

const someNumber = nullable(number);
const someText = nullable(text());

const answer = objectOf<Freshness>({
  at_ms: whole,
  fresh: flag,
  code: someText,
  message: someText,
});

const resources = nullable(objectOf<Resources>({ cpu: number, memory_MB: number }));

export const topologySchema: JsonSchema = objectOf<Known<Topology>>({
  answer,
  controllerId: someText,
  term: nullable(whole),
  role: nullable(oneOf(["leading", "passive"])),
  units: listOf(
    objectOf<UnitNode>({
      id: text(),
      zone: someText,
      alive: flag,
      unknown: flag,
      capacity: resources,
      used: resources,
      latency_ms: someNumber,
      uplinks: listOf(objectOf<UplinkView>({ url: text(), latency_ms: someNumber, chosen: flag })),
      lastSeen_ms: nullable(whole),
      connectedVehicles: whole,
    }),
  ),
  links: listOf(
    objectOf<UnitLink>({
      from: text(),
      to: text(),
      latency_ms: someNumber,
      at_ms: nullable(whole),
    }),
  ),
  vehicles: listOf(
    objectOf<VehicleNode>({
      vehicleId: text(),
      latencies: listOf(objectOf<VehicleLatency>({ unitId: text(), latency_ms: number })),
    }),
  ),
});

const considered = objectOf<ConsideredUnit>({
  unitId: text(),
  verdict: text("chosen, or the rule that took the unit out"),
  latency_ms: someNumber,
  load: someNumber,
  score: someNumber,
});

const placedFunction = objectOf<PlacedFunction>({
  id: text(),
  version: someText,
  settings: { type: "object", additionalProperties: number },
  because: someText,
});

export const placementsSchema: JsonSchema = objectOf<Known<Placements>>({
  answer,
  version: whole,
  term: nullable(whole),
  cost: someNumber,
  attachments: listOf(
    objectOf<AttachmentView>({
      vehicleId: text(),
      unitId: text(),
      standbyUnitId: someText,
      phase: oneOf(["settled", "preparing", "switching"]),
      latency_ms: someNumber,
      reason: text(),
      since_ms: nullable(whole),
      considered: listOf(considered),
      functions: listOf(placedFunction),
    }),
  ),
  functions: listOf(
    objectOf<FunctionUse>({ functionId: text(), unitId: text(), vehicles: listOf(text()) }),
  ),
});

export const historySchema: JsonSchema = objectOf<Known<MoveHistory>>({
  answer,
  moves: listOf(
    objectOf<MoveView>({
      at_ms: nullable(whole),
      vehicleId: text(),
      from: someText,
      to: someText,
      trigger: text("dead, faster, connected, operator or new"),
      why: text(),
    }),
  ),
});

const orderEvent = nullable(
  objectOf<OrderEvent>({
    id: text("as in /v1/events/:id, once it is stored here"),
    unitId: text(),
    finality: nullable(oneOf(["logged", "final"])),
    finalHeight: nullable(whole),
  }),
);

export const policiesSchema: JsonSchema = objectOf<Known<PoliciesView>>({
  answer,
  version: nullable(whole),
  limits: listOf(objectOf<RateLimit>({ vehicleId: text(), perSecond_bytes: someNumber })),
  quarantine: listOf(
    objectOf<Quarantine>({
      vehicleId: someText,
      address: someText,
      since_ms: nullable(whole),
      reason: text(),
    }),
  ),
  deny: listOf(objectOf<PoliciesView["deny"][number]>({ address: text() })),
  units: listOf(
    objectOf<PolicyUnit>({
      unitId: text(),
      version: nullable(whole),
      inForce_ms: someNumber,
      behind: someText,
      cannot: listOf(text()),
    }),
  ),
  changes: listOf(
    objectOf<PolicyChangeView>({
      at_ms: nullable(whole),
      who: text("an operator's certificate, or the unit that decided by itself"),
      action: text(),
      subject: text("the vehicle, the address, or *"),
      why: text(),
      order: nullable(objectOf<NonNullable<PolicyChangeView["order"]>>({ event: orderEvent })),
    }),
  ),
});

export const whatIfSchema: JsonSchema = objectOf<WhatIf>({
  before: objectOf<WhatIf["before"]>({ cost: someNumber }),
  after: objectOf<WhatIf["after"]>({
    cost: someNumber,
    moves: listOf(objectOf<SupposedMove>({ vehicleId: text(), from: someText, to: someText })),
    unserved: listOf(
      objectOf<WhatIf["after"]["unserved"][number]>({ vehicleId: text(), why: text() }),
    ),
  }),
  units: listOf(objectOf<SupposedUnit>({ id: text(), before: number, after: number })),
  sentence: text(),
});

const place = objectOf<StepPlace>({
  vehicleId: someText,
  unitId: someText,
  functionId: someText,
  functionVersion: someText,
  stream: someText,
  sequence: nullable(whole),
  commitment: someText,
  logIndex: nullable(whole),
  transaction: someText,
  resultIndex: nullable(whole),
  height: nullable(whole),
  proof: someText,
});

export const stepSchema: JsonSchema = objectOf<StepView>({
  step: oneOf(stepNames),
  known: flag,
  sentence: text("what happened, or why nothing is known of it"),
  details: listOf(text()),
  standing: flag,
  at_ms: nullable(whole),
  clock: nullable(oneOf(["vehicle", "unit", "controller", "cloud"])),
  after_ms: nullable(whole),
  afterStep: nullable(oneOf(stepNames)),
  where: place,
});
