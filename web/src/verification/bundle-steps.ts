import type { VerifiedBundle } from "@voltfog/ledger";
import { hex } from "./hex.ts";
import type { StepPlan } from "./proof-steps.ts";

const names = {
  genesis: "Genesis file",
  form: "Form of the bundle",
  chain: "Chain",
  seals: "Block's certificate",
  checkpoint: "Checkpoint of the log",
  frame: "Form of the frame",
  devices: "Vehicle and unit are enrolled",
  signature: "Vehicle's signature",
  entry: "Log entry of this frame",
  inclusion: "Entry in the log",
  event: "Event on the chain",
} as const;

const always: readonly StepPlan[] = [
  { name: names.genesis, codes: ["GENESIS_INVALID"] },
  { name: names.form, codes: ["BUNDLE_MALFORMED", "BUNDLE_VERSION_UNKNOWN"] },
  { name: names.chain, codes: ["WRONG_GENESIS"] },
  { name: names.seals, codes: ["CERTIFICATE_INVALID"] },
  { name: names.checkpoint, codes: ["CHECKPOINT_NOT_FINAL"] },
  { name: names.frame, codes: ["FRAME_MALFORMED"] },
  { name: names.devices, codes: ["DEVICE_NOT_PROVEN", "DEVICE_NOT_VALID"] },
  { name: names.signature, codes: ["FRAME_KEY_DIFFERS", "FRAME_SIGNATURE_INVALID"] },
  { name: names.entry, codes: ["ENTRY_DIFFERS"] },
  { name: names.inclusion, codes: ["ENTRY_NOT_IN_LOG"] },
];

/** The steps in the order of docs/specs/bundle.md. */
export function bundlePlan(hasEvent: boolean): readonly StepPlan[] {
  if (!hasEvent) return always;
  const codes = ["EVENT_MALFORMED", "EVENT_OTHER_FRAME", "EVENT_NOT_FINAL"];
  return [...always, { name: names.event, codes }];
}

/** What each step of a good bundle showed. */
export function bundleDetails(bundle: VerifiedBundle): Readonly<Record<string, string>> {
  const { chain, block, validators, checkpoint, vehicle, unit, frame, log, event } = bundle;
  const signers = validators.signed.map(({ id }) => id).join(", ");
  return {
    [names.genesis]: `chain ${chain.name}`,
    [names.form]: "every byte is read, none is left over",
    [names.chain]: `the header names this genesis file, ${hex(chain.chainId)}`,
    [names.seals]: `block ${block.height} of epoch ${block.epoch}: signed by ${signers}; ${validators.needed} of ${validators.of} are needed${epochWords(block.epoch)}`,
    [names.checkpoint]: `final in block ${checkpoint.height}: ${log.size} entries, root ${hex(log.root)}`,
    [names.frame]: `frame ${frame.sequence} of stream ${frame.stream}`,
    [names.devices]: `${vehicle.id} of ${vehicle.organisation} and ${unit.id} of ${unit.organisation}, in the state of block ${block.height}`,
    [names.signature]: `by key ${hex(vehicle.key)}`,
    [names.entry]: `commitment ${hex(frame.commitment)}, as ${bundle.entry.kind}`,
    [names.inclusion]: `entry ${log.index} of ${log.size}`,
    ...(event === undefined
      ? {}
      : { [names.event]: `${event.class}, ${event.state}, in block ${event.height}` }),
  };
}

function epochWords(epoch: number): string {
  if (epoch === 0) return "; their keys are the genesis file's";
  return `; ${epoch} ${epoch === 1 ? "change" : "changes"} of vote keys lead there from the genesis file`;
}

/** What a good verdict rests on, in words. */
export function bundleRestsOn({ block, validators, unit }: VerifiedBundle): readonly string[] {
  return [
    "the genesis file that this browser keeps, with the validators' first keys",
    `at most ${validators.faultyMax} of the ${validators.of} vote keys of epoch ${block.epoch} being in dishonest hands`,
    `${unit.id} and the vehicle having kept their own keys`,
    "SHA-256 and Ed25519",
    `block ${block.height} of ${new Date(block.time_ms).toISOString()}: it says nothing of what came later, such as a key that was revoked since`,
  ];
}
