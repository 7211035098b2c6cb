import { controllerConfig, type PlacementBook } from "@voltfog/sdn-controller";

/** The defaults of the controller's settings; where its files lie does not matter here. */
export function rulesOfTheController(): ConstructorParameters<typeof PlacementBook>[0]["rules"] {
  const files = { tlsAuthority: "-", tlsCertificate: "-", tlsKey: "-", dataDir: "-" };
  const config = controllerConfig.parse({ flags: { ...files, units: ["-"] } });
  if (!config.ok) throw new Error(config.problem.detail);
  return config.value;
}
