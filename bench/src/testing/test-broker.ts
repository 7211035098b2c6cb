import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { serverTls, systemClock, type TlsIdentity } from "@voltfog/runtime/node";
import { Aedes } from "aedes";
import { brokerId, type Target } from "../mqtt/mqtt-connection.ts";

const now_ms: number = systemClock.wall_ms();

/** The authority of all brokers and clients in these tests. */
export const authority: CertificateAuthority = await CertificateAuthority.create({
  name: "test",
  now_ms,
});

export function operatorIdentity(id: string): Promise<TlsIdentity> {
  return authority.newIdentity({ id, role: "operator" }, { now_ms });
}

/** A real broker that asks for certificates, on a free port. */
export async function startBroker(): Promise<{
  broker: Aedes;
  target: Target;
  close(): Promise<void>;
}> {
  const broker = await Aedes.createBroker();
  const identity = await authority.newIdentity({ id: brokerId, role: "unit" }, { now_ms });
  const server = createServer(serverTls(identity), (socket) => broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    broker,
    target: { host: "127.0.0.1", port },
    async close() {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
