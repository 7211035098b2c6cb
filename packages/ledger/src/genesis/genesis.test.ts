import { concatBytes, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createConsortium } from "../testing/consortium.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { encodeGenesis, engineOf, parseGenesis } from "./genesis.ts";

const { genesis } = createConsortium({ crypto: nodeCrypto });
const text = new TextDecoder().decode(genesis.bytes);

function codeOf(changed: string): string {
  const parsed = parseGenesis(utf8(changed), nodeCrypto);
  return parsed.ok ? "OK" : parsed.problem.code;
}

describe("a genesis file", () => {
  it("reads as what was written, and its chain id covers every byte", () => {
    expect(encodeGenesis(genesis)).toEqual(genesis.bytes);
    const domain = utf8("voltfog/genesis/1\n");
    expect(genesis.chainId).toEqual(nodeCrypto.sha256(concatBytes(domain, genesis.bytes)));
  });

  it("is refused with a code that says what is wrong", () => {
    expect(codeOf("{")).toBe("GENESIS_NOT_JSON");
    expect(codeOf(`\uFEFF${text}`)).toBe("GENESIS_NOT_JSON");
    expect(codeOf("[]\n")).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace('"version": 1', '"version": 2'))).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace('"chain"', '"chains"'))).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace('"chain": "test"', '"chain": "Test"'))).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace("North Grid", ""))).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace('"voteKey": "', '"voteKey": "00'))).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace('"id": "unit-2"', '"id": "unit-1"'))).toBe("GENESIS_DUPLICATE");
    expect(codeOf(text.replaceAll('"organisation": "south"', '"organisation": "west"'))).toBe(
      "GENESIS_ORGANISATION_UNKNOWN",
    );
  });

  it("has one form: no other spacing, key order, doubled key or missing line end", () => {
    expect(codeOf(text.replace(": ", ":"))).toBe("GENESIS_NOT_CANONICAL");
    expect(codeOf(text.trimEnd())).toBe("GENESIS_NOT_CANONICAL");
    expect(codeOf(`${text}\n`)).toBe("GENESIS_NOT_CANONICAL");
    expect(codeOf(text.replace('"chain": "test"', '"chain": "other",\n  "chain": "test"'))).toBe(
      "GENESIS_NOT_CANONICAL",
    );
    expect(codeOf(text.replace('"blockInterval_ms": 1000', '"blockInterval_ms": 1e3'))).toBe(
      "GENESIS_NOT_CANONICAL",
    );
  });

  it("may name the blocks of a term, in its one place, from 10 to a million", () => {
    const parsed = parseGenesis(encodeGenesis({ ...genesis, termBlocks: 1000 }), nodeCrypto);
    expect(parsed.ok && parsed.value.termBlocks).toBe(1000);
    for (const termBlocks of [9, 1_000_001]) {
      const refused = parseGenesis(encodeGenesis({ ...genesis, termBlocks }), nodeCrypto);
      expect(refused).toMatchObject({ ok: false, problem: { code: "GENESIS_MALFORMED" } });
    }
  });

  it("may name the engine, in its one place and form; the default is never written", () => {
    const withEngine = (engine: EngineChoice, validators = genesis.validators): Uint8Array =>
      encodeGenesis({ ...genesis, validators, engine });
    const read = (bytes: Uint8Array): string => codeOf(new TextDecoder().decode(bytes));
    for (const name of ["pbft", "linear", "hotstuff", "sbft"] as const) {
      const parsed = parseGenesis(withEngine({ name, redundant: 0 }), nodeCrypto);
      expect(parsed.ok && parsed.value.engine).toEqual({ name, redundant: 0 });
    }
    expect(engineOf(genesis)).toEqual({ name: "poa", redundant: 0 });
    expect(read(withEngine({ name: "poa", redundant: 0 }))).toBe("GENESIS_MALFORMED");
    const pbft = new TextDecoder().decode(withEngine({ name: "pbft", redundant: 0 }));
    expect(codeOf(pbft.replace("pbft", "raft"))).toBe("GENESIS_MALFORMED");
    expect(codeOf(pbft.replace('"pbft"', '"pbft",\n    "redundant": 0'))).toBe(
      "GENESIS_NOT_CANONICAL",
    );
  });

  it("refuses an engine that its validators are too few for", () => {
    const six = createConsortium({ crypto: nodeCrypto, validators: 6 }).genesis;
    const codeWith = (engine: EngineChoice): string => {
      const parsed = parseGenesis(encodeGenesis({ ...six, engine }), nodeCrypto);
      return parsed.ok ? "OK" : parsed.problem.code;
    };
    expect(codeWith({ name: "sbft", redundant: 1 })).toBe("OK");
    expect(codeWith({ name: "sbft", redundant: 2 })).toBe("GENESIS_ENGINE_VALIDATORS");
    expect(codeWith({ name: "linear", redundant: 1 })).toBe("GENESIS_ENGINE_REDUNDANT");
  });

  it("may name the chain that it continues, in its one place", () => {
    const predecessor = {
      chainId: new Uint8Array(32).fill(1),
      height: 812,
      block: new Uint8Array(32).fill(2),
    };
    const bytes = encodeGenesis({ ...genesis, predecessor });
    const parsed = parseGenesis(bytes, nodeCrypto);
    expect(parsed.ok && parsed.value.predecessor).toEqual(predecessor);
    expect(parsed.ok && parsed.value.chainId).not.toEqual(genesis.chainId);
    expect(genesis.predecessor).toBeUndefined();
    const written = new TextDecoder().decode(bytes);
    expect(codeOf(written)).toBe("OK");
    expect(codeOf(written.replace('"height": 812', '"height": -1'))).toBe("GENESIS_MALFORMED");
    expect(codeOf(written.replace(/,\n {4}"block": "[0-9a-f]+"/, ""))).toBe("GENESIS_MALFORMED");
    expect(codeOf(text.replace('"chain": "test"', '"chain": "test",\n  "predecessor": null'))).toBe(
      "GENESIS_MALFORMED",
    );
  });

  it("gives a key one role", () => {
    const doubled = encodeGenesis({
      ...genesis,
      vehicles: genesis.vehicles.map((vehicle) => ({
        ...vehicle,
        key: genesis.validators[0]?.voteKey ?? vehicle.key,
      })),
    });
    const parsed = parseGenesis(doubled, nodeCrypto);
    expect(parsed.ok ? "OK" : parsed.problem.code).toBe("GENESIS_DUPLICATE");
  });

  it("needs a validator", () => {
    const parsed = parseGenesis(encodeGenesis({ ...genesis, validators: [] }), nodeCrypto);
    expect(parsed.ok ? "OK" : parsed.problem.detail).toBe("validators has 0 items, not 1 to 256");
  });

  it("with any byte changed is refused or is of another chain", () => {
    fc.assert(
      fc.property(fc.nat(genesis.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (i, mask) => {
        const changed = genesis.bytes.slice();
        changed[i] = (changed[i] ?? 0) ^ mask;
        const parsed = parseGenesis(changed, nodeCrypto);
        if (parsed.ok) expect(parsed.value.chainId).not.toEqual(genesis.chainId);
      }),
    );
  });

  it("never throws on arbitrary bytes or JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (bytes) => {
        expect(parseGenesis(bytes, nodeCrypto).ok).toBe(false);
      }),
    );
  });
});
