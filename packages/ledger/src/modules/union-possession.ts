import { ByteWriter, type Crypto, type Signer, utf8 } from "@voltfog/runtime";
import type { ChargePointRequest, UnionJoin } from "./union-payloads.ts";

const joinDomain = utf8("voltfog/operator/1\n");
const pointDomain = utf8("voltfog/charge-point/1\n");

interface JoinTerms {
  readonly chainId: Uint8Array;
  readonly organisation: string;
  readonly deposit: number;
  /** How often the organisation joined before, plus one: so that an old word joins nobody again. */
  readonly term: number;
}

function joinMessage({ chainId, organisation, deposit, term }: JoinTerms): Uint8Array {
  const writer = new ByteWriter().raw(joinDomain).raw(chainId).text(organisation);
  return writer.u64(deposit).u32(term).finish();
}

/** The request to join, with the operator key's word that its account pays the deposit. */
export function signJoin({ signer, ...terms }: JoinTerms & { signer: Signer }): UnionJoin {
  const { organisation, deposit } = terms;
  const possession = signer.sign(joinMessage(terms));
  return { organisation, key: signer.publicKey, deposit, possession };
}

/** Costs one verification. */
export function verifyJoin(options: {
  join: UnionJoin;
  chainId: Uint8Array;
  term: number;
  crypto: Crypto;
}): boolean {
  const { join, chainId, term, crypto } = options;
  const message = joinMessage({ ...join, chainId, term });
  return crypto.verify({ publicKey: join.key, message, signature: join.possession });
}

function pointMessage(point: {
  chainId: Uint8Array;
  organisation: string;
  pileId: string;
}): Uint8Array {
  const writer = new ByteWriter().raw(pointDomain).raw(point.chainId);
  return writer.text(point.organisation).text(point.pileId).finish();
}

/** The registration of a pile, with its key's word for whom it meters. */
export function signChargePoint(options: {
  chainId: Uint8Array;
  organisation: string;
  point: Omit<ChargePointRequest, "key" | "possession">;
  signer: Signer;
}): ChargePointRequest {
  const { chainId, organisation, point, signer } = options;
  const { pileId } = point;
  const possession = signer.sign(pointMessage({ chainId, organisation, pileId }));
  return { ...point, key: signer.publicKey, possession };
}

/** Costs one verification. */
export function verifyChargePoint(options: {
  request: ChargePointRequest;
  chainId: Uint8Array;
  organisation: string;
  crypto: Crypto;
}): boolean {
  const { request, chainId, organisation, crypto } = options;
  const { key: publicKey, possession: signature, pileId } = request;
  const message = pointMessage({ chainId, organisation, pileId });
  return crypto.verify({ publicKey, message, signature });
}
