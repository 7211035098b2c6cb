import type { HttpService } from "@voltfog/runtime/node";
import { Gauge } from "prom-client";
import type { AnchorCounts, AnchorService } from "./anchor-service.ts";
import type { LocalSigner } from "./anchor-signer.ts";
import type { AnchorPlace } from "./anchor-statement.ts";

const counted: Readonly<Record<keyof AnchorCounts, string>> = {
  anchored: "anchors and set changes that are final since the start",
  reverted: "transactions that the contract refused in a block",
  displaced: "transactions whose nonce another program used",
  quorumMissing: "times that too few validators signed",
  unreachable: "looks at the chains that failed",
};

/** Metrics, and GET /v1/status. */
export function addAnchorMetrics(
  http: HttpService,
  o: {
    service: AnchorService | undefined;
    own: LocalSigner | undefined;
    place: AnchorPlace;
  },
): void {
  const { service, own, place } = o;
  http.app.get("/v1/status", () => ({
    contract: place.contract,
    evmChainId: `${place.evmChainId}`,
    chain: place.chain,
    signs: own?.address ?? null,
    sends: service?.address ?? null,
    state: service?.state ?? null,
    progress: service?.progress ?? null,
    open: service?.openIds ?? [],
    reorganised: service?.reorganised ?? 0,
    counts: service?.counts ?? null,
  }));
  if (service === undefined) return;
  const registers = [http.metrics];
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge("voltfog_anchor_height", "last anchored height", () => service.progress?.height ?? 0);
  gauge("voltfog_anchor_open", "transactions not final yet", () => service.openIds.length);
  gauge("voltfog_anchor_reorganised", "blocks with our transactions that were thrown out", () => {
    return service.reorganised;
  });
  for (const [key, help] of Object.entries(counted)) {
    const name = `voltfog_anchor_${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    gauge(name, help, () => service.counts[key as keyof AnchorCounts]);
  }
}
