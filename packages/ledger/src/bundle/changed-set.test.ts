import { concatBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { encodeEpochStep, setChangesMax } from "../chain/epoch-step.ts";
import { header_bytes } from "../chain/header.ts";
import { quorum } from "../chain/quorum.ts";
import type { EngineChoice } from "../genesis/engine-choice.ts";
import { signSuccession } from "../modules/key-succession.ts";
import { portableCrypto } from "../portable-crypto.ts";
import { signerOf } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { ProvenSite } from "../testing/proven-site.ts";
import { testFrames } from "../testing/test-frame.ts";
import { successionTx } from "../testing/transactions.ts";
import { bundleMax_bytes, decodeBundle, encodeBundle } from "./bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";

/** A site whose validators vote, with one frame logged and final in each epoch that a test makes. */
class ChangingSite {
  readonly site: ProvenSite;
  readonly voting: VotingSite;
  #sequence = 0;

  constructor(validators: number, engine?: EngineChoice) {
    this.site = new ProvenSite({ crypto, validators, ...(engine && { engine }) });
    const { consortium, chain } = this.site;
    this.voting = new VotingSite({ consortium, chain });
  }

  /** Until the new set has decided a block. */
  change(change: Parameters<VotingSite["carry"]>[0]): void {
    expect(this.voting.carry(change).decided).toBe(true);
    this.voting.settle();
    this.voting.settle();
  }

  async bundle(): Promise<Uint8Array> {
    const { site, voting } = this;
    site.consortium = { ...site.consortium, validators: voting.voters };
    site.logFrame({ sequence: ++this.#sequence });
    site.checkpoint();
    return site.frameBundle(this.#sequence - 1);
  }

  verdict(bytes: Uint8Array, by = crypto) {
    const genesisBytes = this.site.consortium.genesis.bytes;
    return verifyBundle({ bytes, genesisBytes, crypto: by, frames: testFrames });
  }
}

async function createBundles(changing: ChangingSite = new ChangingSite(4)) {
  const { voting, site } = changing;
  const first = await changing.bundle();
  changing.change(voting.admission("newcomer"));
  const admitted = await changing.bundle();
  changing.change({ kind: "remove-validator", id: "validator-1" });
  const to = signerOf("renewed", crypto);
  const sender = voting.member("validator-2");
  const { chainId } = site.consortium.genesis;
  const succession = signSuccession({ chainId, from: sender.signer, to });
  const { consortium } = site;
  voting.settle(successionTx({ consortium, sender, nonce: voting.nextNonce(), succession }));
  voting.hold("validator-2", to);
  const last = await changing.bundle();
  return { changing, first, admitted, last };
}

describe("a bundle from after validators were admitted and removed", () => {
  it("is proven by the genesis file alone, in Node and in a browser", async () => {
    const { changing, first, admitted, last } = await createBundles();
    expect([first[4], admitted[4], last[4]]).toEqual([1, 5, 5]);
    for (const by of [crypto, portableCrypto]) {
      for (const bytes of [first, admitted, last]) {
        const verdict = changing.verdict(bytes, by);
        expect(verdict.ok ? "OK" : verdict.problem).toBe("OK");
      }
    }
    const verdict = changing.verdict(last);
    if (!verdict.ok) throw new Error(verdict.problem.detail);
    const { block, validators } = verdict.value;
    expect([block.epoch, validators.of, validators.needed]).toEqual([3, 4, 3]);
    expect(validators.signed.map(({ id }) => id)).toEqual([
      "validator-2",
      "validator-3",
      "validator-4",
    ]);
  });

  it("is proven alike where blocks were decided in one phase, and every set names the next so", async () => {
    const changing = new ChangingSite(6, { name: "sbft", redundant: 1 });
    const { first, admitted, last } = await createBundles(changing);
    for (const bytes of [first, admitted, last]) {
      const decoded = decodeBundle(bytes);
      if (!decoded.ok) throw new Error(decoded.problem.detail);
      expect(decoded.value.form).toBe("fast");
      expect(encodeBundle(decoded.value)).toEqual(bytes);
      expect([crypto, portableCrypto].map((by) => changing.verdict(bytes, by).ok)).toEqual([
        true,
        true,
      ]);
      const fewer = { ...decoded.value, signatures: decoded.value.signatures.slice(1) };
      expect(changing.verdict(encodeBundle(fewer))).toMatchObject({
        problem: { code: "CERTIFICATE_INVALID" },
      });
    }
    const verdict = changing.verdict(admitted);
    if (!verdict.ok) throw new Error(verdict.problem.detail);
    expect(verdict.value.validators).toMatchObject({ of: 7, needed: 6, faultyMax: 1 });
  });

  it("needs every byte of its steps, and all of them", { timeout: 120_000 }, async () => {
    const { changing, last } = await createBundles();
    const decoded = decodeBundle(last);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const { steps } = decoded.value;
    expect(encodeBundle(decoded.value)).toEqual(last);
    for (let left = 0; left < steps.length; left++) {
      const fewer = steps.filter((_, at) => at !== left);
      const verdict = changing.verdict(encodeBundle({ ...decoded.value, steps: fewer }));
      expect(verdict.ok).toBe(false);
    }
    for (let place = 0; place < last.length; place++) {
      const changed = concatBytes(last);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(changing.verdict(changed).ok, `byte ${place}`).toBe(false);
    }
  });

  it("is believed only as far as each set's own quorum named the next", async () => {
    const { changing, admitted } = await createBundles();
    const decoded = decodeBundle(admitted);
    const step = decoded.ok ? decoded.value.steps[0] : undefined;
    if (!decoded.ok || step?.kind !== "set-change") throw new Error("its step is a set change");
    const codeOf = (over: Partial<typeof step>): string => {
      const steps = [{ ...step, ...over }];
      const verdict = changing.verdict(encodeBundle({ ...decoded.value, steps }));
      return verdict.ok ? "OK" : verdict.problem.code;
    };
    expect(codeOf({})).toBe("OK");
    expect(codeOf({ signatures: step.signatures.slice(1) })).toBe("CERTIFICATE_INVALID");
    const thief = signerOf("thief", crypto).publicKey;
    expect(codeOf({ change: { admitted: thief } })).toBe("CERTIFICATE_INVALID");
    const header = { ...step.header, nextValidatorsHash: new Uint8Array(32) };
    expect(codeOf({ header })).toBe("CERTIFICATE_INVALID");
    expect(codeOf({ header: decoded.value.header })).toBe("CERTIFICATE_INVALID");
  });

  it("grows by about 1.3 KB with each change of 20 validators", { timeout: 120_000 }, async () => {
    const changing = new ChangingSite(20);
    changing.change(changing.voting.admission("newcomer"));
    changing.change({ kind: "remove-validator", id: "validator-7" });
    const bytes = await changing.bundle();
    const decoded = decodeBundle(bytes);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const versionByte = 1;
    const sizes = decoded.value.steps.map((step) => encodeEpochStep(step).length - versionByte);
    const fixed_bytes = 1 + header_bytes + 4 + 2 + Math.ceil(20 / 8);
    expect(quorum(20)).toBe(14);
    const step_bytes = fixed_bytes + 14 * 68 + 32;
    expect([step_bytes, ...sizes]).toEqual([1283, 1283, 1253]);
    expect(bytes.length - 1283 - 1253 - decoded.value.frame.length).toBeLessThan(3000);
    expect(setChangesMax * step_bytes).toBeLessThan(bundleMax_bytes);
  });
});
