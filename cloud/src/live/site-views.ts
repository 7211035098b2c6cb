import { parseUnitLogName } from "@voltfog/ledger";
import { type Clock, toHex } from "@voltfog/runtime";
import type { Fleet, FleetDirectory } from "../access/fleet-directory.ts";
import type {
  BlockView,
  IncidentView,
  OriginView,
  SocEstimateView,
  SummaryView,
  UnitView,
  ValidatorView,
  VehicleView,
} from "../api/responses.ts";
import type { BlockFollower } from "../finality/block-follower.ts";
import type { Consortium } from "../finality/consortium.ts";
import type { FleetState } from "./fleet-state.ts";
import type { Neighbour, ValidatorStatus } from "./neighbours.ts";
import { type UnitSite, unitView } from "./unit-site.ts";
import { serviceOf } from "./validator-service.ts";

const live_ms = 60_000;
const blocksKept = 100;
const incidentsKept = 20;

/** What the pages show of the whole site, composed from what each stage knows. Costs no query. */
export class SiteViews {
  readonly #fleet: FleetState;
  readonly #units: readonly UnitSite[];
  readonly #validators: readonly Neighbour<ValidatorStatus>[];
  readonly #consortium: Consortium;
  readonly #follower: BlockFollower;
  readonly #fleets: FleetDirectory;
  readonly #clock: Clock;
  #blocks: readonly BlockView[] = [];
  #incidents: readonly IncidentView[] = [];
  readonly #events = new Map<string, number>();

  constructor(options: {
    fleet: FleetState;
    units: readonly UnitSite[];
    validators: readonly Neighbour<ValidatorStatus>[];
    consortium: Consortium;
    follower: BlockFollower;
    fleets: FleetDirectory;
    clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#units = options.units;
    this.#validators = options.validators;
    this.#consortium = options.consortium;
    this.#follower = options.follower;
    this.#fleets = options.fleets;
    this.#clock = options.clock;
  }

  restore(stored: {
    blocks: readonly BlockView[];
    incidents: readonly IncidentView[];
    events: ReadonlyMap<string, number>;
  }): void {
    this.#blocks = stored.blocks;
    this.#incidents = stored.incidents;
    for (const [vehicleId, count] of stored.events) this.#events.set(vehicleId, count);
  }

  addBlock(block: BlockView): void {
    this.#blocks = [block, ...this.#blocks].slice(0, blocksKept);
  }

  addIncident(incident: IncidentView): void {
    const others = this.#incidents.filter(({ id }) => id !== incident.id);
    this.#incidents = [incident, ...others].slice(0, incidentsKept);
  }

  /** One new event of each vehicle named. */
  addEvents(vehicleIds: readonly string[]): void {
    for (const id of vehicleIds) this.#events.set(id, (this.#events.get(id) ?? 0) + 1);
  }

  vehicle(id: string): VehicleView | undefined {
    const view = this.#fleet.view(id);
    return view === undefined ? undefined : { ...view, socEstimate: this.#estimate(id) };
  }

  /** Of one fleet, or every vehicle. */
  vehicles(fleet?: Fleet): readonly VehicleView[] {
    return this.#idsOf(fleet).flatMap((id) => this.vehicle(id) ?? []);
  }

  get height(): number {
    return this.#follower.head.height;
  }

  units(): readonly UnitView[] {
    return this.#units.map(unitView);
  }

  /** The unit's HTTP side, for what only the unit can give. */
  unit(id: string): UnitSite | undefined {
    const unitId = parseUnitLogName(id)?.unitId;
    return this.#units.find((site) => site.id === unitId);
  }

  validators(): readonly ValidatorView[] {
    const heard = this.#validators.flatMap(({ id, reachable, status }) =>
      reachable && status !== undefined ? [{ id, words: status.service }] : [],
    );
    return this.#consortium.seats.map(({ id, organisation, voteKey, weight, quarantined }) => {
      const neighbour = this.#validators.find((other) => other.id === id);
      const status = neighbour?.status;
      const signed = this.#blocks.filter((block) => block.signers.includes(id)).length;
      return {
        id,
        organisation,
        voteKey: toHex(voteKey),
        reachable: neighbour?.reachable ?? false,
        seen_ms: neighbour?.seen_ms ?? null,
        height: status?.height ?? null,
        finalised_ms: status?.finalised_ms ?? null,
        mempool: status?.mempool ?? null,
        connectedPeers: status?.peers.filter((peer) => peer.connected).length ?? null,
        peers: status?.peers ?? [],
        signedLately: this.#blocks.length === 0 ? null : signed / this.#blocks.length,
        ...{ weight, quarantined },
        service: serviceOf(id, heard),
      };
    });
  }

  /** Of one fleet, or of the whole site; what happened to the site's processes is told to nobody's fleet. */
  summary(fleet?: Fleet): SummaryView {
    const { genesis } = this.#consortium;
    const ids = this.#idsOf(fleet);
    const vehicles = ids.flatMap((id) => this.vehicle(id) ?? []);
    const now_ms = this.#clock.wall_ms();
    const sum = (of: (vehicle: VehicleView) => number): number =>
      vehicles.reduce((total, vehicle) => total + of(vehicle), 0);
    const head = this.#follower.head;
    return {
      chain: genesis.chain,
      chainId: toHex(genesis.chainId),
      now_ms,
      vehicles: vehicles.length,
      vehiclesLive: vehicles.filter(({ received_ms }) => now_ms - (received_ms ?? 0) < live_ms)
        .length,
      openAlerts: sum(({ alerts }) => alerts.length),
      events: ids.reduce((total, id) => total + (this.#events.get(id) ?? 0), 0),
      samples: sum(({ samples }) => samples.logged),
      samplesFinal: sum(({ samples }) => samples.final),
      framesLogged: sum(({ frames }) => frames.logged),
      framesFinal: sum(({ frames }) => frames.final),
      gapsDeclared: sum(({ gaps }) => gaps),
      samplesMissing: sum(({ samplesMissing }) => samplesMissing),
      linksOpen: sum(({ links }) => links.open),
      units: this.#units.length,
      unitsReachable: this.#units.filter(({ neighbour }) => neighbour.reachable).length,
      validators: this.#consortium.seats.length,
      validatorsReachable: this.#validators.filter(({ reachable }) => reachable).length,
      height: head.height,
      blockTime_ms: head.height === 0 ? null : head.time_ms,
      origins: originsOf(vehicles),
      incidents: fleet === undefined ? this.#incidents.map(({ sentence }) => sentence) : [],
    };
  }

  #idsOf(fleet: Fleet): readonly string[] {
    return this.#fleet.ids().filter((id) => this.#fleets.sees(fleet, id));
  }

  /** The newest estimate of any unit: a vehicle's function may have moved between them. */
  #estimate(vehicleId: string): SocEstimateView | null {
    let newest: SocEstimateView | null = null;
    for (const { neighbour } of this.#units) {
      const estimate = neighbour.status?.estimates.get(vehicleId);
      if (estimate !== undefined && estimate.at_ms > (newest?.at_ms ?? 0)) newest = estimate;
    }
    return newest;
  }
}

/** Where the newest samples come from, and of how many vehicles. */
function originsOf(vehicles: readonly VehicleView[]): readonly OriginView[] {
  const origins = new Map<string, OriginView>();
  for (const { origin, source } of vehicles) {
    if (origin === null || source === null) continue;
    const key = `${origin}/${source}`;
    const known = origins.get(key)?.vehicles ?? 0;
    origins.set(key, { origin, source, vehicles: known + 1 });
  }
  return [...origins.values()];
}
