import { type Clock, silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseNumber, parseWhole } from "../flag-values.ts";
import { contractIn } from "./deployment-file.ts";
import { passphraseOf } from "./passphrase.ts";
import { openVault, type VaultFlags } from "./vault-parts.ts";

export interface PayFlags extends VaultFlags {
  readonly senderKey: string;
  readonly keyPassphrase?: string;
  readonly validatorUrl: string;
  readonly journal: string;
  readonly confirmations: string;
  readonly feeMax: string;
}

const gwei = 1e9;
const look_ms = 500;
/** The vault pays a result once: what was displaced can be asked for again without paying twice. */
const attemptsMax = 5;

/** Brings the proof of a withdrawal to the vault, which pays it. Exit code 1 with the reason where it does not. */
export async function payWithdrawal(
  text: string,
  flags: PayFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const evm = await import("@voltfog/evm/node");
  const index = parseWhole({ flag: "<result>", text, min: 0, max: Number.MAX_SAFE_INTEGER });
  const { vault, endpoint, deployment } = await openVault(flags);
  const contract = new evm.AnchorContract({
    endpoint,
    address: contractIn(deployment, "CheckpointAnchor"),
  });
  const { validatorUrl } = flags;
  const proof = await evm.underNewestAnchor({ contract, validatorUrl, index });
  if (!proof.ok) return refuse(`${proof.problem.code}: ${proof.problem.detail}`, terminal);
  const sender = await openSender(flags, { endpoint, evmChainId: BigInt(deployment.evmChainId) });
  try {
    const id = `withdraw/${vault.address}/${index}`;
    const data = evm.SettlementVault.encodeWithdraw(proof.value);
    for (let attempt = 1; ; attempt++) {
      const sent = await sender.send({ id, to: vault.address, data });
      if (!sent.ok) {
        const reason = evm.refusalText("SettlementVault", {
          detail: sent.problem.detail,
          data: sent.problem.data,
        });
        return refuse(`${sent.problem.code}: ${reason}`, terminal);
      }
      const outcome = await endOf(sender, id, systemClock);
      if (outcome === "final") break;
      // Another program signs with the same key and was first with this nonce: the next one is free.
      if (outcome === "displaced" && attempt < attemptsMax) continue;
      return refuse(`the transaction is ${outcome}`, terminal);
    }
    terminal.print(`paid by ${vault.address}`);
    return 0;
  } finally {
    await sender.close();
  }
}

function refuse(reason: string, terminal: CommandContext["terminal"]): number {
  terminal.print(`not paid: ${reason}`);
  return 1;
}

async function openSender(
  flags: PayFlags,
  at: { endpoint: Awaited<ReturnType<typeof openVault>>["endpoint"]; evmChainId: bigint },
) {
  const evm = await import("@voltfog/evm/node");
  const { confirmations, feeMax } = flags;
  const fee = parseNumber({ flag: "--fee-max", text: feeMax, min: 0.001, max: 1e6 });
  return evm.TransactionSender.open({
    ...at,
    key: evm.loadAnchorKey(flags.senderKey, passphraseOf(flags.keyPassphrase)),
    journalPath: flags.journal,
    clock: systemClock,
    logger: silentLogger,
    confirmations: parseWhole({
      ...{ flag: "--confirmations", text: confirmations, min: 1, max: 10_000 },
    }),
    bumpAfter_ms: 30_000,
    feeLimit: BigInt(Math.round(gwei * fee)),
  });
}

/** Ten minutes at most; a run that was cut off goes on with the same journal. */
async function endOf(
  sender: Awaited<ReturnType<typeof openSender>>,
  id: string,
  clock: Clock,
): Promise<string> {
  const until_ms = clock.monotonic_ms() + 600_000;
  while (clock.monotonic_ms() < until_ms) {
    const ended = (await sender.step()).find((one) => one.id === id);
    if (ended !== undefined) return ended.outcome;
    await new Promise<void>((resolve) => void clock.after(look_ms, resolve));
  }
  throw complaint({
    code: "NOT_FINAL",
    what: "the transaction is in no block that is deep enough",
    remedy: "run the same command again: it goes on with the same transaction",
  });
}
