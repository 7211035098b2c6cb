import type { PublishedFigure } from "./published-figure.ts";

/** How the thesis measured (§7.1): all nodes on one machine, one request after the other in each client. */
export const thesisSetup = {
  clients: 10,
  requestsEach: 200,
  nodes: [4, 8, 16, 32, 64],
  payloads_bytes: [8, 1024, 10_240],
  engines: ["pbft", "linear", "sbft"],
} as const;

/** The highest number along the axis of figure 7.2, in operations a second. */
export const axisMax_Hz = 200;

const pictures = [
  { figure: "7.1", what: "latency by nodes, 8 B", unit: "ms" },
  { figure: "7.3", what: "latency by nodes, 1 KB", unit: "ms" },
  { figure: "7.5", what: "latency by nodes, 10 KB", unit: "ms" },
  { figure: "7.6", what: "throughput by nodes, 10 KB", unit: "1/s" },
] as const;

const words: readonly Omit<PublishedFigure, "document" | "knownBy" | "unit">[] = [
  {
    id: "small-networks",
    place: "§7.3.1, §7.3.2",
    engine: "all",
    what: "4 nodes",
    said: "the engines hardly differ, in latency as in throughput",
  },
  {
    id: "large-networks",
    place: "§7.3.1",
    engine: "all",
    what: "latency as nodes grow",
    said: "Linear BFT and SBFT do better than BFT",
  },
  {
    id: "payload",
    place: "§7.3.1",
    engine: "all",
    what: "latency by payload",
    said: "8 B and 1 KB hardly differ; at 10 KB it almost doubles for some sizes of the network",
  },
  {
    id: "payload-throughput",
    place: "§7.3.2",
    engine: "all",
    what: "throughput by payload",
    said: "somewhat stable",
  },
  {
    id: "best-range",
    place: "§7.3.2, §7.3.4",
    engine: "all",
    what: "8 to 32 nodes",
    said: "Linear BFT and SBFT well above BFT; at 64 nodes all three are low",
  },
  {
    id: "sbft-as-linear",
    place: "§7.3.1, §7.3.2, §9",
    engine: "sbft",
    what: "SBFT against Linear BFT",
    said: "about equal, though the fast path leaves a phase out; called unexplained, perhaps the code",
  },
  {
    id: "no-switch",
    place: "§8.2",
    engine: "sbft",
    what: "fast path to slow path",
    said: "not in the code that was measured: it stands still once a node fails; unstable beyond 200 requests a client",
  },
  {
    id: "set-up",
    place: "§3.3.3",
    engine: "linear",
    what: "making threshold keys",
    said: "O(n³) messages by Joint-Feldman, again for every change of the nodes; not measured",
  },
];

/** Every figure of the thesis about an engine. No curve of it is in the text. */
export const thesisFigures: readonly PublishedFigure[] = [
  {
    id: "throughput-8",
    document: "thesis",
    place: "§7.1, figure 7.2",
    engine: "all",
    what: "throughput by nodes, 8 B",
    knownBy: "axis",
    value: axisMax_Hz,
    unit: "1/s",
    said: "the curves are lost; the axis that survives in the text ends at 200 operations a second",
  },
  {
    id: "throughput-1024",
    document: "thesis",
    place: "§7.1, figure 7.4",
    engine: "all",
    what: "throughput by nodes, 1 KB",
    knownBy: "axis",
    value: 175,
    unit: "1/s",
    said: "the curves are lost; 175 and 150 of the axis survive in the text",
  },
  ...pictures.map(
    ({ figure, what, unit }): PublishedFigure => ({
      id: `picture-${figure}`,
      document: "thesis",
      place: `§7.1, figure ${figure}`,
      engine: "all",
      what,
      knownBy: "picture",
      unit,
      said: "in the picture alone",
    }),
  ),
  ...words.map(
    (each): PublishedFigure => ({ document: "thesis", knownBy: "words", unit: "", ...each }),
  ),
];
