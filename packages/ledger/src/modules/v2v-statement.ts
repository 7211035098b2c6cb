import {
  ByteWriter,
  type Crypto,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";

/** What one vehicle's battery gave or received for a trade. */
export interface EnergyCount {
  readonly energy_Wh: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** A count with the vehicle's signature, the payload of deliver. */
export interface EnergyStatement extends EnergyCount {
  readonly tradeId: Uint8Array;
  /** The provider's vehicle says what it gave, the consumer's what it received. */
  readonly side: "given" | "received";
  readonly signature: Uint8Array;
}

const domain = utf8("voltfog/energy-statement/1\n");
/** Of the encoded form. */
export const energyStatement_bytes = 106;
const sideNumbers = { given: 1, received: 2 } as const;

type StatementTerms = Omit<EnergyStatement, "signature">;

/** The message that the vehicle's key signs: domain · chain id · the terms, as in the payload. */
function statementMessage(terms: StatementTerms, chainId: Uint8Array): Uint8Array {
  const writer = new ByteWriter().raw(domain).raw(chainId);
  writeTerms(writer, terms);
  return writer.finish();
}

export function signEnergyStatement(
  terms: StatementTerms,
  options: { chainId: Uint8Array; vehicle: Signer },
): EnergyStatement {
  const signature = options.vehicle.sign(statementMessage(terms, options.chainId));
  return { ...terms, signature };
}

/** Costs one verification. */
export function verifyEnergyStatement(options: {
  statement: EnergyStatement;
  chainId: Uint8Array;
  vehicle: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { statement, chainId, vehicle, crypto } = options;
  const message = statementMessage(statement, chainId);
  return crypto.verify({ publicKey: vehicle, message, signature: statement.signature });
}

/** u8 version · raw16 trade · u8 side (1 given, 2 received) · u64 energy · u64 from · u64 to · raw64 signature. */
export function encodeEnergyStatement(statement: EnergyStatement): Uint8Array {
  const writer = new ByteWriter().u8(1);
  writeTerms(writer, statement);
  return writer.raw(statement.signature).finish();
}

/** Reads the form only; {@link verifyEnergyStatement} says who signed. */
export function decodeEnergyStatement(
  bytes: Uint8Array,
): Outcome<EnergyStatement, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== 1) reader.fail("unknown version of an energy statement");
    const tradeId = reader.raw(16);
    const number = reader.u8();
    if (number !== 1 && number !== 2) reader.fail(`side ${number} of a trade`);
    return {
      tradeId,
      side: number === sideNumbers.given ? "given" : "received",
      energy_Wh: reader.u64(),
      from_ms: reader.u64(),
      to_ms: reader.u64(),
      signature: reader.raw(64),
    };
  });
}

function writeTerms(writer: ByteWriter, terms: StatementTerms): void {
  writer.raw(terms.tradeId).u8(sideNumbers[terms.side]);
  writer.u64(terms.energy_Wh).u64(terms.from_ms).u64(terms.to_ms);
}
