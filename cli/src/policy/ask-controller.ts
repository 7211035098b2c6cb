import { complaint } from "../complaint.ts";
import { sitePaths } from "../site/site-folder.ts";
import { readUpFile } from "../supervisor/up-file.ts";
import { askBackbone } from "../up/ask-backbone.ts";

/** How one unit stands to the policies, as the controller tells it. */
export interface UnitRow {
  readonly unitId: string;
  readonly version: number | null;
  readonly inForce_ms: number | null;
  readonly cannot: readonly string[];
  readonly behind: string | null;
}

export interface PolicyAnswer {
  readonly version: number;
  readonly units: readonly UnitRow[];
}

/** The controller's GET /v1/policies. */
export interface PolicyView extends PolicyAnswer {
  readonly limits: readonly {
    readonly vehicleId: string;
    readonly rate_bytes: number;
    readonly ratePackets: number;
  }[];
  readonly quarantine: readonly {
    readonly vehicleId?: string;
    readonly address?: string;
    readonly since_ms: number;
    readonly reason: string;
  }[];
  readonly deny: readonly { readonly address: string }[];
  readonly audit: readonly {
    readonly at_ms: number;
    readonly who: string;
    readonly action: string;
    readonly subject: string;
    readonly why: string;
    readonly order?: { readonly event: { readonly id: string; readonly unitId: string } | null };
  }[];
}

/**
 * Asks the site's controller with the operator's certificate. Of several controllers the one that leads
 * answers. NOT_RUNNING, and what the controller says where it refuses.
 */
export async function askController(asked: {
  data: string;
  method?: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: object;
}): Promise<unknown> {
  const { data, method = "GET", path, body } = asked;
  const controllers = readUpFile(data)?.processes.filter(({ role }) => role === "controller") ?? [];
  let refusal: { code?: string; message?: string } = {};
  for (const { id, ports } of controllers) {
    const call = { paths: sitePaths(data), peerId: id, port: ports.backbone ?? 0, path, method };
    const answer = await askBackbone({ ...call, ...(body === undefined ? {} : { body }) });
    const json: unknown = JSON.parse(new TextDecoder().decode(answer.body));
    if (answer.status === 200) return json;
    refusal = json as typeof refusal;
    if (refusal.code !== "NOT_LEADING") break;
  }
  throw controllers.length === 0
    ? complaint({
        code: "NOT_RUNNING",
        what: `no controller runs on ${data}`,
        remedy: "start the site with voltfog up",
      })
    : complaint({
        code: refusal.code ?? "REFUSED",
        what: refusal.message ?? "the controller refused",
        remedy: "see voltfog policy list",
      });
}
