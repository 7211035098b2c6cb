export { type EdgeConfig, edgeConfig } from "./config.ts";
export { type EdgeDependencies, type RunningEdge, runEdge } from "./edge-agent.ts";
export {
  type EdgeJournal,
  type HeldFrame,
  type JournalledFrame,
  openEdgeJournal,
} from "./outbox/journal-reader.ts";
export { twinPath } from "./twin/twin-file.ts";
