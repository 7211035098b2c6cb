import { answerRequests } from "../../processes/answer-requests.ts";
import type { ClientReply, ClientRequest } from "./client-messages.ts";
import { TradeClients } from "./trade-clients.ts";

let clients: TradeClients | undefined;

answerRequests<ClientRequest, ClientReply>(async (request) => {
  switch (request.kind) {
    case "open":
      clients = await TradeClients.open(request);
      return { kind: "opened" };
    case "settle-in":
      return { kind: "settled", operations: await opened().settleIn() };
    case "set-towns":
      await opened().setTowns();
      return { kind: "settled", operations: 1 };
    case "closed":
      return { kind: "ran", run: await opened().runClosed(request.load, request.until) };
    case "at-rate":
      return { kind: "ran", run: await opened().runAtRate(request) };
  }
});

function opened(): TradeClients {
  if (clients === undefined) throw new Error("open comes first");
  return clients;
}
