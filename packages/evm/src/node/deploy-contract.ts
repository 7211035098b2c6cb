import type { Clock } from "@voltfog/runtime";
import { CodedError } from "@voltfog/runtime";
import { refusalText } from "./anchor-contract.ts";
import { artefactOf, type ContractName } from "./artefacts.ts";
import type { TransactionSender } from "./transaction-sender.ts";

/** Deploys one contract and waits until it is final. DEPLOY_REFUSED, EVM_UNREACHABLE. */
export async function deployContract(o: {
  sender: TransactionSender;
  name: ContractName;
  args: readonly unknown[];
  clock: Clock;
  poll_ms: number;
}): Promise<{ readonly address: string; readonly block: number; readonly gas: number }> {
  const { sender, name, clock, poll_ms } = o;
  const { abi, bytecode } = artefactOf(name);
  const data = bytecode + abi.encodeDeploy(o.args).slice(2);
  const id = `deploy/${name}`;
  const sent = await sender.send({ id, to: null, data });
  if (!sent.ok) {
    const reason = refusalText(name, { detail: sent.problem.detail, data: sent.problem.data });
    throw refusal(name, `${sent.problem.code}: ${reason}`);
  }
  for (;;) {
    const ended = (await sender.step()).find((one) => one.id === id);
    if (ended !== undefined) {
      const address = ended.receipt?.contractAddress;
      if (ended.outcome !== "final" || address === undefined) throw refusal(name, ended.outcome);
      return {
        address,
        block: ended.receipt?.blockNumber ?? 0,
        gas: Number(ended.receipt?.gasUsed ?? 0),
      };
    }
    await new Promise<void>((resolve) => void clock.after(poll_ms, resolve));
  }
}

function refusal(name: string, reason: string): CodedError {
  return new CodedError({
    code: "DEPLOY_REFUSED",
    message: `${name} was not deployed: ${reason}`,
    remedy: "see that the account has ether and the list of validators is right",
  });
}
