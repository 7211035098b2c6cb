/** How a node is started on its machine. */
export interface UnitPlan {
  readonly id: string;
  readonly chain: string;
  /** Absolute path of the node's folder. */
  readonly folder: string;
  /** The command that starts voltfog, as words. */
  readonly voltfog: readonly string[];
  /** Absolute path of the passphrase's file, which the service manager hands over as a credential. */
  readonly passphraseFile: string;
  readonly user: string;
}

/**
 * The systemd unit of a node: its own user, a read-only machine around its folder, and the passphrase as a
 * credential that only this service can read. Needs systemd 250 or newer. Source: systemd.exec(5).
 */
export function systemdUnit(plan: UnitPlan): string {
  const command = [...plan.voltfog, "validator", "run", plan.folder].map(quoted).join(" ");
  return `[Unit]
Description=Voltfog validator ${plan.id} of ${plan.chain}
After=network-online.target time-sync.target
Wants=network-online.target time-sync.target
# A node that can not start is tried again for ever, but not in a hurry.
StartLimitIntervalSec=0
# A node that has left its consortium stays stopped.
ConditionPathExists=!${plan.folder.replaceAll("%", "%%")}/LEFT

[Service]
ExecStart=${command}
LoadCredential=passphrase:${plan.passphraseFile}
Environment=VOLTFOG_VALIDATOR_PASSPHRASE_FILE=%d/passphrase
Environment=NODE_ENV=production
User=${plan.user}
Restart=always
RestartSec=5
# SIGTERM lets it write what it is writing; nothing is lost if it is killed.
TimeoutStopSec=30
KillSignal=SIGTERM
LimitNOFILE=65536
UMask=0077
ReadWritePaths=${quoted(plan.folder)}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

/** A word of a command line in a unit file (systemd.service(5)). */
function quoted(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /[\s"'\\;]/.test(escaped) ? `"${escaped.replace(/["\\]/g, "\\$&")}"` : escaped;
}
