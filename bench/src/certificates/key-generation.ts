import { assert, type Crypto, equalBytes, type Random, type Signer } from "@voltfog/runtime";
import type { SecretKey } from "./blst.ts";
import {
  type Answer,
  answerSize_bytes,
  type Dealing,
  dealingSize_bytes,
  echoSize_bytes,
  type GroupKey,
  JointFeldmanMember,
} from "./joint-feldman.ts";

export interface KeyGeneration {
  readonly group: GroupKey;
  readonly secrets: readonly SecretKey[];
  /** Between two members, all rounds. */
  readonly messages: number;
  readonly traffic_bytes: number;
}

/**
 * A whole key generation among members in this process, each message counted as if it travelled.
 * `tamper` changes what a dealer says to a receiver.
 */
export function generateKeys(o: {
  signers: readonly Signer[];
  threshold: number;
  crypto: Crypto;
  random: Random;
  tamper?: (dealing: Dealing, receiver: number) => Dealing;
  /** Dealers that do not answer when accused. */
  mute?: ReadonlySet<number>;
}): KeyGeneration {
  const { signers, tamper = (dealing) => dealing } = o;
  const publicKeys = signers.map(({ publicKey }) => publicKey);
  const members = signers.map(
    (signer, index) => new JointFeldmanMember({ ...o, index, signer, members: publicKeys }),
  );
  const traffic = new Traffic();
  for (const dealer of members) {
    for (const [to, dealing] of dealer.deal().entries()) {
      const said = tamper(dealing, to);
      if (said.dealer !== to) traffic.add(dealingSize_bytes(said), 1);
      members[to]?.take(said);
    }
  }
  for (const echo of members.map((member) => member.echo())) {
    traffic.add(echoSize_bytes(echo), signers.length - 1);
    for (const member of members) assert(member.hear(echo), "all have seen the same dealings");
  }
  const answers: Answer[] = members.flatMap((member, dealer) =>
    o.mute?.has(dealer) ? [] : member.answers(),
  );
  for (const answer of answers) traffic.add(answerSize_bytes(answer), signers.length - 1);
  for (const member of members) member.judge(answers);
  const groups = members.map((member) => member.groupKey());
  const [group] = groups;
  assert(group !== undefined, "there are members");
  const key = group.publicKey.toBytes();
  assert(
    groups.every(({ publicKey }) => equalBytes(publicKey.toBytes(), key)),
    "all have the same key",
  );
  const secrets = members.map((member) => member.secretShare());
  return { group, secrets, messages: traffic.messages, traffic_bytes: traffic.sent_bytes };
}

class Traffic {
  messages = 0;
  sent_bytes = 0;

  add(length_bytes: number, receivers: number): void {
    this.messages += receivers;
    this.sent_bytes += receivers * length_bytes;
  }
}
