import type { Crypto } from "@voltfog/runtime";
import type { RsuConfig } from "../config.ts";
import type { EventRegister } from "../events/event-register.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { UnitLog } from "../log/unit-log.ts";
import type { RsuPorts } from "../rsu-ports.ts";
import { BrokerDriver } from "./broker-driver.ts";
import { Conduct } from "./conduct.ts";
import { ConductWatch } from "./conduct-watch.ts";
import { NftDriver } from "./linux/nft-driver.ts";
import { TcDriver } from "./linux/tc-driver.ts";
import { ownQuarantine } from "./own-quarantine.ts";
import { PolicyDesk } from "./policy-desk.ts";
import { PolicyFile } from "./policy-file.ts";
import type { TrafficDriver } from "./traffic-driver.ts";

/** What a unit has to do with traffic. */
export interface Traffic {
  readonly brokerDriver: BrokerDriver;
  readonly policies: PolicyDesk;
  readonly conduct: ConductWatch;
}

/** The policies of the last life, which hold from now on, and who watches how vehicles behave. */
export function unitTraffic(options: {
  config: RsuConfig;
  ports: RsuPorts;
  crypto: Crypto;
  log: UnitLog;
  events: EventRegister;
  deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
}): Traffic {
  const { config, ports, crypto, log, events, deviceOf } = options;
  const { clock } = ports;
  const { dataDir, rateMax_bytes, quarantineBudget: budget } = config;
  const brokerDriver = new BrokerDriver({ clock, rateMax_bytes });
  const judge = new Conduct({ clock, budget });
  const policies = new PolicyDesk({
    ...ports,
    file: new PolicyFile({ dataDir }),
    drivers: [brokerDriver, ...kernelDrivers(config, ports)],
    counts: () => brokerDriver.counts,
    record: (event) => {
      events.record(event);
    },
    released: (vehicleId) => judge.forget(vehicleId),
  });
  const conduct = new ConductWatch({
    conduct: judge,
    crypto,
    logSize: () => log.view.size,
    tailOf: (vehicleId, stream) => {
      const device = deviceOf(vehicleId);
      return device && log.tailOf({ keyId: device.keyId, stream });
    },
    condemned: (verdict, evidence) => {
      policies.putOut(ownQuarantine(verdict, { since_ms: clock.wall_ms(), evidence }));
    },
  });
  brokerDriver.listen(conduct);
  return { brokerDriver, policies, conduct };
}

/** Those that the configuration asks for; what they cannot do here they say. */
function kernelDrivers(config: RsuConfig, { logger }: RsuPorts): readonly TrafficDriver[] {
  const { id: unitId, linkDevice: device, linkRate_bytes: rate_bytes } = config;
  const alarms = config.urgentPort === 0 ? [] : [config.urgentPort];
  const backbone = [config.backbonePort];
  const drivers: TrafficDriver[] = [];
  if (device !== "") {
    const ports = [alarms, backbone, [config.mqttPort]];
    drivers.push(new TcDriver({ link: { device, rate_bytes, side: "unit", ports }, logger }));
  }
  if (config.packetFilter) {
    drivers.push(new NftDriver({ unitId, ports: [config.mqttPort, ...alarms], logger }));
  }
  return drivers;
}
