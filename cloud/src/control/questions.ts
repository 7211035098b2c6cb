import type { Question } from "./control-desk.ts";
import { decodeHistory, type MoveHistory } from "./history.ts";
import { decodePlacements, type Placements } from "./placements.ts";
import { decodePolicies, type Policies } from "./policies.ts";
import { decodeTopology, type Topology } from "./topology.ts";
import { decodeWhatIf, type WhatIf } from "./what-if.ts";

/** Moves that the cloud asks for. */
export const movesMax = 500;

export const topologyQuestion: Question<Topology> = {
  path: "/v1/topology",
  what: "topology",
  decode: decodeTopology,
};

export const placementsQuestion: Question<Placements> = {
  path: "/v1/placements",
  what: "placements",
  decode: decodePlacements,
};

export const moveHistoryQuestion: Question<MoveHistory> = {
  path: `/v1/placements/history?limit=${movesMax}`,
  what: "history of moves",
  decode: decodeHistory,
};

export const policiesQuestion: Question<Policies> = {
  path: "/v1/policies",
  what: "policies",
  decode: decodePolicies,
};

export const whatIfQuestion: Question<WhatIf> = {
  path: "/v1/what-if",
  what: "answer to what-if",
  decode: decodeWhatIf,
};
