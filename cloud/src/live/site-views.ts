import { parseUnitLogName } from "@voltfog/ledger";
import { type Clock, toHex } from "@voltfog/runtime";
import type {
  BlockView,
  IncidentView,
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
  readonly #clock: Clock;
  #blocks: readonly BlockView[] = [];
  #incidents: readonly IncidentView[] = [];
  #events = 0;

  constructor(options: {
    fleet: FleetState;
    units: readonly UnitSite[];
    validators: readonly Neighbour<ValidatorStatus>[];
    consortium: Consortium;
    follower: BlockFollower;
    clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#units = options.units;
    this.#validators = options.validators;
    this.#consortium = options.consortium;
    this.#follower = options.follower;
    this.#clock = options.clock;
  }

  restore(stored: {
    blocks: readonly BlockView[];
    incidents: readonly IncidentView[];
    events: number;
  }): void {
    this.#blocks = stored.blocks;
    this.#incidents = stored.incidents;
    this.#events = stored.events;
  }

  addBlock(block: BlockView): void {
    this.#blocks = [block, ...this.#blocks].slice(0, blocksKept);
  }

  addIncident(incident: IncidentView): void {
    const others = this.#incidents.filter(({ id }) => id !== incident.id);
    this.#incidents = [incident, ...others].slice(0, incidentsKept);
  }

  addEvents(count: number): void {
    this.#events += count;
  }

  vehicle(id: string): VehicleView | undefined {
    const view = this.#fleet.view(id);
    return view === undefined ? undefined : { ...view, socEstimate: this.#estimate(id) };
  }

  vehicles(): readonly VehicleView[] {
    return this.#fleet.ids().flatMap((id) => this.vehicle(id) ?? []);
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
    return this.#consortium.validators.map(({ id, organisation, voteKey }) => {
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
      };
    });
  }

  summary(): SummaryView {
    const { genesis } = this.#consortium;
    const vehicles = this.vehicles();
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
      events: this.#events,
      samples: sum(({ samples }) => samples.logged),
      samplesFinal: sum(({ samples }) => samples.final),
      framesLogged: sum(({ frames }) => frames.logged),
      framesFinal: sum(({ frames }) => frames.final),
      gapsDeclared: sum(({ gaps }) => gaps),
      samplesMissing: sum(({ samplesMissing }) => samplesMissing),
      linksOpen: sum(({ links }) => links.open),
      units: this.#units.length,
      unitsReachable: this.#units.filter(({ neighbour }) => neighbour.reachable).length,
      validators: genesis.validators.length,
      validatorsReachable: this.#validators.filter(({ reachable }) => reachable).length,
      height: head.height,
      blockTime_ms: head.height === 0 ? null : head.time_ms,
      origins: this.#fleet.origins(),
      incidents: this.#incidents.map(({ sentence }) => sentence),
    };
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
