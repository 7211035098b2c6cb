import { answerRequests } from "../../processes/answer-requests.ts";
import { isProduct } from "./battery-engine.ts";
import type { BatteryReplica } from "./battery-replica.ts";
import { startComparisonReplica } from "./comparison-replica.ts";
import { countSignatures } from "./count-signatures.ts";
import { startProductReplica } from "./product-replica.ts";
import type { ReplicaReply, ReplicaRequest } from "./replica-messages.ts";

const verified = countSignatures();
let replica: BatteryReplica | undefined;

answerRequests<ReplicaRequest, ReplicaReply>(async (request) => {
  switch (request.kind) {
    case "start":
      replica = await start(request);
      return { kind: "started" };
    case "sign":
      started().sign(request.count);
      return { kind: "signed" };
    case "send":
      started().send(request.plan);
      return { kind: "sending" };
    case "collect":
      return collected(started());
  }
});

function start(request: Extract<ReplicaRequest, { kind: "start" }>): Promise<BatteryReplica> {
  const { engine } = request.setting;
  if (isProduct(engine)) return startProductReplica(request);
  return startComparisonReplica({ ...request, engine });
}

function started(): BatteryReplica {
  if (replica === undefined) throw new Error("the replica was not started");
  return replica;
}

function collected(one: BatteryReplica): ReplicaReply {
  const { user, system } = process.cpuUsage();
  return {
    kind: "collected",
    sent: one.takeSent(),
    refused: one.takeRefused(),
    changes: one.takeChanges(),
    connected: one.connected,
    height: one.height,
    cpu_ms: (user + system) / 1000,
    sent_bytes: one.sent_bytes,
    messages: one.messages,
    signaturesVerified: verified(),
    hashes: one.hashes,
    kinds: one.kinds,
  };
}
