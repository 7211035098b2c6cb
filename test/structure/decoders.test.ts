import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** Whose decoders read what strangers send, and what a disk gives back. */
const folders =
  /^(packages\/[a-z]+|edge-agent|fog-rsu|cloud\/src\/(access|control|intake|finality)|cli\/src\/(backup|site))\//;

/** Not decoders of bytes or text, by name, each with what it is. */
const others: Readonly<Record<string, string>> = {
  openModel: "opens a folder; what it reads goes through parseModelCard and decodeSnapshots",
  openLogReader: "opens a folder; what it reads goes through decodeEntry and the log's own checks",
  openBlockReader: "opens a folder; what it reads goes through decodeRecordBody",
  openEdgeJournal: "opens a folder; what it reads goes through decodeJournalRecord",
  openOutbox: "opens a folder; what it reads goes through decodeStoredFrame",
  openSslHasher: "a hash function",
  openSiteAuthority: "reads a certificate and its key by the package that wrote them",
  openSiteRecord: "opens a folder; what it reads goes through parseGenesis and the readers of logs",
  parseBasePort: "a setting of the operator",
  openStages: "starts the stages of a unit",
  openMessage: "the envelope that openCommand and openCommandAck share",
  decodeTree: "a column of the cloud's own store; throws on what encodeTree did not write",
  parseTarget: "a setting of the operator",
  parseTargets: "a setting of the operator",
  parsePeers: "a setting of the operator",
  parseFounders: "a setting of the operator",
  decodeLightBlock: "a block of the simulation, which no process reads",
};

const declared = /^export (?:async )?(?:function|const) ((?:decode|open|parse)[A-Z]\w*)/gm;

interface Decoder {
  readonly file: string;
  readonly name: string;
}

function decodersIn(files: readonly SourceFile[]): readonly Decoder[] {
  return files
    .filter(({ path }) => folders.test(path) && !path.includes("/testing/"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(declared)].map(([, name = ""]) => ({ file: path, name })),
    )
    .filter(({ name }) => !Object.hasOwn(others, name));
}

/** Decoders of the same package that no file with a property test names. */
function unproven(decoders: readonly Decoder[], tests: readonly SourceFile[]): readonly string[] {
  const properties = tests.filter(({ text }) => /\bfc\s*\.\s*assert\(/.test(text));
  const packageOf = (path: string): string => path.slice(0, path.indexOf("/src/"));
  return decoders
    .filter(
      ({ file, name }) =>
        !properties.some(
          ({ path, text }) =>
            packageOf(path) === packageOf(file) && new RegExp(`\\b${name}\\b`).test(text),
        ),
    )
    .map(({ file, name }) => `${file}: ${name}`);
}

function testFiles(): readonly SourceFile[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*.test.ts"],
    { encoding: "utf8" },
  );
  return [...new Set(listed.trim().split("\n"))].map((path) => ({
    path,
    text: readFileSync(path, "utf8"),
  }));
}

test("every decoder is in a property test of its own package", () => {
  const decoders = decodersIn(sourceFiles());
  expect(decoders.length).toBeGreaterThan(40);
  expect(unproven(decoders, testFiles())).toEqual([]);
});

test("what is excused is still there", () => {
  const text = sourceFiles()
    .map((file) => file.text)
    .join("\n");
  const gone = Object.keys(others).filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  expect(gone).toEqual([]);
});

test("a planted decoder without a property test is found", () => {
  const source = {
    path: "packages/messages/src/planted.ts",
    text: "export function decodePlanted(bytes: Uint8Array): void {}",
  };
  const plain = { path: "packages/messages/src/planted.test.ts", text: "decodePlanted(bytes)" };
  const property = { ...plain, text: "fc.assert(fc.property(any, decodePlanted))" };
  const elsewhere = { ...property, path: "packages/ledger/src/planted.test.ts" };
  const decoders = decodersIn([source]);
  expect(unproven(decoders, [plain, elsewhere])).toEqual([`${source.path}: decodePlanted`]);
  expect(unproven(decoders, [property])).toEqual([]);
});
