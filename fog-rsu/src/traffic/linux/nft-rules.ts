import { parseAddressRange } from "@voltfog/messages";
import type { RuleSource } from "../traffic-rules.ts";

/** What `nft -f -` is given: one table of this unit's own, replaced as a whole, or none where nobody is kept out. */
export function nftRules(options: {
  table: string;
  ports: readonly number[];
  rules: Pick<RuleSource, "deny" | "quarantine">;
}): string {
  const { table, ports, rules } = options;
  const ranges = [...rules.deny, ...rules.quarantine].flatMap(({ address }) => address ?? []);
  const remove = `add table inet ${table}\ndelete table inet ${table}\n`;
  if (ranges.length === 0) return remove;
  const [v4, v6] = ([4, 6] as const).map((family) =>
    ranges.filter((range) => {
      const parsed = parseAddressRange(range);
      return parsed.ok && parsed.value.family === family;
    }),
  );
  return [
    `${remove}table inet ${table} {`,
    ...setLines("denied4", "ipv4_addr", v4 ?? []),
    ...setLines("denied6", "ipv6_addr", v6 ?? []),
    "  chain input {",
    "    type filter hook input priority -10; policy accept;",
    `    tcp dport { ${ports.join(", ")} } ip saddr @denied4 drop`,
    `    tcp dport { ${ports.join(", ")} } ip6 saddr @denied6 drop`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function setLines(name: string, type: string, elements: readonly string[]): readonly string[] {
  return [
    `  set ${name} {`,
    `    type ${type}; flags interval; auto-merge;`,
    ...(elements.length === 0 ? [] : [`    elements = { ${elements.join(", ")} }`]),
    "  }",
  ];
}
