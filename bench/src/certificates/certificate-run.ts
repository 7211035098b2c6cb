import { quorum as quorumOf } from "@voltfog/ledger";
import type { Signer } from "@voltfog/runtime";
import { nodeCrypto as crypto, signerOfSeed, systemRandom } from "@voltfog/runtime/node";
import { blsAggregate } from "./bls-aggregate.ts";
import { admittedKey, registeredKey_bytes, registrationOf } from "./bls-key.ts";
import { blsThreshold } from "./bls-threshold.ts";
import { blst } from "./blst.ts";
import { cpu_us, type FormCosts, formCosts, sharesOf } from "./certificate-costs.ts";
import type { CertificateForm, Statement } from "./certificate-form.ts";
import { ed25519List } from "./ed25519-list.ts";
import { generateKeys } from "./key-generation.ts";

/** What comes before the first certificate, and again when one validator takes another's place. */
export interface SetUp {
  /** Between two validators. */
  readonly messages: number;
  readonly traffic_bytes: number;
  /** Of one validator. */
  readonly cpu_ms: number;
}

export interface FormRun extends FormCosts {
  readonly form: string;
  readonly setUp: SetUp;
  readonly reKey: SetUp;
}

export interface CertificateRun {
  readonly n: number;
  readonly quorum: number;
  readonly forms: readonly FormRun[];
}

const edKey_bytes = 32;

const statement: Statement = {
  chainId: new Uint8Array(32).fill(1),
  epoch: 3,
  height: 100_000,
  round: 0,
  blockHash: new Uint8Array(32).fill(2),
};

/** All forms for n validators, with keys that are drawn anew. */
export function runCertificates(o: { n: number; slice_ms: number }): CertificateRun {
  const { n, slice_ms } = o;
  const quorum = quorumOf(n);
  const signers = newSigners(n);
  const registered = newRegistrations(n);
  const admit_us = cpu_us(() => registered.registrations.slice(0, 1).map(admittedKey), slice_ms);
  const before = process.cpuUsage();
  const generated = generateKeys({ signers, threshold: quorum, crypto, random: systemRandom });
  const { user, system } = process.cpuUsage(before);
  const generation = {
    messages: generated.messages,
    traffic_bytes: generated.traffic_bytes,
    cpu_ms: (user + system) / 1000 / n,
  };
  const costsOf = (form: CertificateForm): FormCosts => formCosts({ form, quorum, slice_ms });
  const exchange = (key_bytes: number, perKey_us: number) => keyExchange(n, key_bytes, perKey_us);
  const aggregate = (ownDelay: boolean): FormRun => {
    const form = blsAggregate({ ...registered, quorum, statement, ownDelay });
    return { form: form.name, ...costsOf(form), ...exchange(registeredKey_bytes, admit_us) };
  };
  const list = ed25519List({ signers, quorum, statement, crypto });
  const threshold = blsThreshold({ ...generated, statement });
  return {
    n,
    quorum,
    forms: [
      { form: list.name, ...costsOf(list), ...exchange(edKey_bytes, 0) },
      aggregate(false),
      aggregate(true),
      // A key of the group fits one set only: every change is a whole generation again.
      { form: threshold.name, ...costsOf(threshold), setUp: generation, reKey: generation },
    ],
  };
}

/**
 * The least n up to `nMax` from which on, up to it, a BLS aggregate takes less processor time to verify
 * than the list; undefined where there is none.
 */
export function breakEven(o: { nMax: number; slice_ms: number }): number | undefined {
  const signers = newSigners(o.nMax);
  const { secrets, keys } = newRegistrations(o.nMax);
  let least: number | undefined;
  for (let n = o.nMax; n >= 4; n--) {
    const quorum = quorumOf(n);
    const of = (form: CertificateForm): number => {
      const certificate = form.combine(sharesOf(form, quorum));
      return cpu_us(() => form.isCertificate(certificate), o.slice_ms);
    };
    const list = ed25519List({ signers: signers.slice(0, n), quorum, statement, crypto });
    const aggregate = blsAggregate({
      ...{ secrets, keys: keys.slice(0, n), quorum, statement, ownDelay: false },
    });
    if (of(aggregate) >= of(list)) break;
    least = n;
  }
  return least;
}

/** Each key to each other validator; later the newcomer's to each, and all of theirs to it at once. */
function keyExchange(
  n: number,
  key_bytes: number,
  perKey_us: number,
): Pick<FormRun, "setUp" | "reKey"> {
  const others = n - 1;
  return {
    setUp: {
      messages: n * others,
      traffic_bytes: n * others * key_bytes,
      cpu_ms: (others * perKey_us) / 1000,
    },
    reKey: {
      messages: others + 1,
      traffic_bytes: 2 * others * key_bytes,
      cpu_ms: perKey_us / 1000,
    },
  };
}

function newSigners(n: number): Signer[] {
  return Array.from({ length: n }, () => signerOfSeed(systemRandom.bytes(32)));
}

function newRegistrations(n: number) {
  const secrets = Array.from({ length: n }, () =>
    blst.SecretKey.fromKeygen(systemRandom.bytes(32)),
  );
  const registrations = secrets.map(registrationOf);
  const keys = registrations.flatMap((one) => admittedKey(one) ?? []);
  return { secrets, registrations, keys };
}
