import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineChoice, engineOf, idCommitmentOf, parseGenesis } from "@voltfog/ledger";
import { fromHex, toHex } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto, systemClock, systemRandom } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSite } from "./open-site.ts";
import { makeFolder, type SitePaths, sitePaths } from "./site-folder.ts";

describe("openSite", () => {
  let paths: SitePaths = sitePaths("");
  beforeEach(() => {
    paths = sitePaths(mkdtempSync(join(tmpdir(), "site-")));
  });
  afterEach(() => rmSync(paths.root, { recursive: true }));

  function open(
    asked: { units?: number; vehicles?: number; engine?: EngineChoice } = {},
  ): ReturnType<typeof openSite> {
    return openSite({
      paths,
      asked: { units: asked.units, vehicles: asked.vehicles, engine: asked.engine },
      clock: systemClock,
      random: systemRandom,
    });
  }

  it("makes a site whose genesis knows every key and names no vehicle", () => {
    expect(open()).toMatchObject({ isNew: true, site: { units: 4, vehicles: 12 } });
    const bytes = new Uint8Array(readFileSync(paths.genesis));
    const genesis = parseGenesis(bytes, nodeCrypto);
    if (!genesis.ok) throw new Error(genesis.problem.detail);
    const keyOf = (id: string): Uint8Array =>
      loadSigningKey(join(paths.keys, `${id}.key`)).publicKey;
    expect(genesis.value.units.map(({ id, key }) => [id, key])).toEqual(
      ["unit-1", "unit-2", "unit-3", "unit-4"].map((id) => [id, keyOf(id)]),
    );
    expect(genesis.value.validators[3]).toMatchObject({
      id: "validator-4",
      voteKey: keyOf("validator-4"),
      organisation: "operator-4",
    });
    expect(readFileSync(paths.genesis, "utf8")).not.toContain("vehicle-01");

    const enrolled = JSON.parse(readFileSync(paths.enrolled, "utf8")) as {
      id: string;
      key: string;
      salt: string;
    }[];
    expect(enrolled.map(({ id }) => id).at(-1)).toBe("vehicle-12");
    for (const [i, { id, key, salt }] of enrolled.entries()) {
      const record = genesis.value.vehicles[i];
      expect(key).toBe(toHex(keyOf(id)));
      const commitment = idCommitmentOf(
        { id, salt: fromHex(salt) ?? new Uint8Array() },
        nodeCrypto,
      );
      expect(record?.idCommitment).toEqual(commitment);
    }
  });

  it("keeps keys and salts from other users of the machine", () => {
    open({ units: 1, vehicles: 1 });
    for (const path of [join(paths.keys, "unit-1.key"), paths.enrolled]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  it("opens an existing site unchanged", () => {
    open({ units: 2, vehicles: 3 });
    const genesis = readFileSync(paths.genesis);
    expect(open()).toMatchObject({ isNew: false, site: { units: 2, vehicles: 3 } });
    expect(open({ units: 2 }).isNew).toBe(false);
    expect(readFileSync(paths.genesis)).toEqual(genesis);
  });

  it("fixes the engine when the site is made: another one later is refused with a code", () => {
    const linear: EngineChoice = { name: "linear", redundant: 0 };
    open({ vehicles: 1, engine: linear });
    const genesis = parseGenesis(new Uint8Array(readFileSync(paths.genesis)), nodeCrypto);
    expect(genesis.ok && engineOf(genesis.value)).toEqual(linear);
    expect(open({ engine: linear }).isNew).toBe(false);
    expect(open().isNew).toBe(false);
    const refusal = expect.objectContaining({ code: "SITE_ENGINE" });
    expect(() => open({ engine: { name: "poa", redundant: 0 } })).toThrow(refusal);
  });

  it("makes no site for an engine that its validators are too few for", () => {
    const engine: EngineChoice = { name: "sbft", redundant: 1 };
    expect(() => open({ units: 5, vehicles: 1, engine })).toThrow(/sbft:1 needs 6 validators/);
    expect(open({ units: 6, vehicles: 1, engine })).toMatchObject({ isNew: true });
  });

  it("refuses another size, another version, a damaged marker and a folder of something else", () => {
    open({ units: 2, vehicles: 3 });
    expect(() => open({ vehicles: 4 })).toThrow(/was made for 3 vehicles, not 4/);
    const marker = readFileSync(paths.marker, "utf8");
    writeFileSync(paths.marker, marker.replace('"format": 1', '"format": 9'));
    expect(() => open()).toThrow(/is of version 9, this program reads 1/);
    writeFileSync(paths.marker, '{"format":1}');
    expect(() => open()).toThrow(/is damaged/);
    writeFileSync(paths.marker, "garbage");
    expect(() => open()).toThrow(/holds no JSON object/);
    rmSync(paths.marker);
    expect(() => open()).toThrow(/is not empty and holds no Voltfog site/);
  });
});

it("says so where the system makes no folder, and ends", () => {
  // Not even root makes one there.
  expect(() => makeFolder("/proc/voltfog/site")).toThrow(
    expect.objectContaining({
      code: "FOLDER_UNUSABLE",
      message: "/proc/voltfog/site cannot be used: ENOENT",
    }),
  );
});
