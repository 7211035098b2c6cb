import { ByteWriter, type Crypto, type Signer, utf8 } from "@voltfog/runtime";
import { type Voucher, type VoucherTerms, writeVoucherTerms } from "./session-payloads.ts";

const idDomain = utf8("voltfog/session/1\n");
const voucherDomain = utf8("voltfog/charging-voucher/1\n");

/**
 * A session's id of 16 bytes. It follows from who charges where, so nobody can take another's id first, and
 * a voucher and an authorisation of the same salt are the same session.
 */
export function sessionIdOf(
  session: Pick<VoucherTerms, "driver" | "chargePoint" | "salt">,
  crypto: Crypto,
): Uint8Array {
  const { driver, chargePoint, salt } = session;
  return crypto.sha256(idDomain, driver, chargePoint, salt).slice(0, 16);
}

/** The driver's promise to pay for one session, good without a connection. The signer is the driver. */
export function signVoucher(options: {
  chainId: Uint8Array;
  terms: Omit<VoucherTerms, "driver">;
  signer: Signer;
}): Voucher {
  const { chainId, signer } = options;
  const terms = { ...options.terms, driver: signer.publicKey };
  return { ...terms, signature: signer.sign(voucherMessage(terms, chainId)) };
}

/** Whether the driver signed it for this chain. Costs one verification. */
export function verifyVoucher(options: {
  voucher: Voucher;
  chainId: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { voucher, chainId, crypto } = options;
  return crypto.verify({
    publicKey: voucher.driver,
    message: voucherMessage(voucher, chainId),
    signature: voucher.signature,
  });
}

function voucherMessage(terms: VoucherTerms, chainId: Uint8Array): Uint8Array {
  const writer = new ByteWriter().raw(voucherDomain).raw(chainId);
  writeVoucherTerms(writer, terms);
  return writer.finish();
}
