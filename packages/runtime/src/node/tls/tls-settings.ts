/** The settings of every process with mutual TLS links; spread into its schema. */
export const tlsSettings = {
  tlsAuthority: { kind: "path", description: "certificate of the site's authority, PEM" },
  tlsCertificate: { kind: "path", description: "this process's certificate, PEM" },
  tlsKey: { kind: "path", description: "private key of that certificate, PKCS #8 PEM" },
} as const;
