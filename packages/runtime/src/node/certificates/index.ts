export { CertificateAuthority, type CertificateSubject } from "./certificate-authority.ts";
export { keyInRequest, requestFor } from "./device-request.ts";
