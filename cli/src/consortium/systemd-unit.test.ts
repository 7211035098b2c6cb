import { expect, test } from "vitest";
import { systemdUnit } from "./systemd-unit.ts";

const plan = {
  id: "south-2",
  chain: "alliance",
  folder: "/srv/volt fog",
  voltfog: ["/usr/bin/node", "/opt/100%/main.js"],
  passphraseFile: "/etc/voltfog/passphrase",
  user: "voltfog",
};

test("a unit runs the node's folder as its user, with the passphrase as a credential", () => {
  const lines = systemdUnit(plan).split("\n");
  expect(lines).toContain(
    'ExecStart=/usr/bin/node /opt/100%%/main.js validator run "/srv/volt fog"',
  );
  expect(lines).toContain("LoadCredential=passphrase:/etc/voltfog/passphrase");
  expect(lines).toContain("Environment=VOLTFOG_VALIDATOR_PASSPHRASE_FILE=%d/passphrase");
  expect(lines).toContain("User=voltfog");
  expect(lines).toContain("ConditionPathExists=!/srv/volt fog/LEFT");
});

test("a unit holds no secret and nothing that is not a section, a setting or a remark", () => {
  for (const line of systemdUnit(plan).split("\n")) {
    expect(line).toMatch(/^$|^#|^\[(Unit|Service|Install)\]$|^[A-Za-z]+=.+$/);
  }
});
