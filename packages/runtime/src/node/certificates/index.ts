export { CertificateAuthority, type CertificateSubject } from "./certificate-authority.ts";
