import { eventually } from "./running-site.ts";

/**
 * A bundle through the cloud, once there is one: the cloud may have seen the block that made a record final
 * before the unit, which makes the bundle.
 */
export function provenBundle(web: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  return eventually(`a bundle of ${path}`, async () => {
    const response = await fetch(new URL(path, web));
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  });
}
