/**
 * A charge detail record of OCPI 2.2.1 (mod_cdrs §10.3.1) with the fields that this product can fill,
 * under OCPI's names in camel case; {@link ocpiJson} writes them as OCPI spells them.
 */
export interface OcpiCdr {
  readonly countryCode: string;
  readonly partyId: string;
  readonly id: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly sessionId: string;
  readonly cdrToken: {
    readonly countryCode: string;
    readonly partyId: string;
    readonly uid: string;
    readonly type: "APP_USER";
    readonly contractId: string;
  };
  readonly authMethod: "AUTH_REQUEST";
  readonly authorizationReference: string;
  readonly cdrLocation: OcpiCdrLocation;
  readonly meterId?: string;
  readonly currency: string;
  readonly tariffs: readonly OcpiTariff[];
  readonly chargingPeriods: readonly {
    readonly startDateTime: string;
    readonly dimensions: readonly {
      readonly type: "ENERGY" | "TIME";
      readonly volume: number;
    }[];
    readonly tariffId: string;
  }[];
  readonly signedData?: OcpiSignedData;
  readonly totalCost: OcpiPrice;
  readonly totalFixedCost: OcpiPrice;
  readonly totalEnergy: KilowattHours;
  readonly totalEnergyCost: OcpiPrice;
  readonly totalTime: Hours;
  readonly remark: string;
  readonly credit?: boolean;
  readonly creditReferenceId?: string;
  readonly lastUpdated: string;
}

/** OCPI's numbers in its own units, under its own names. */
type KilowattHours = number;
type Hours = number;

/** In the currency's whole units, not in millionths. */
export interface OcpiPrice {
  readonly exclVat: number;
}

export interface OcpiCdrLocation {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly city: string;
  readonly country: string;
  readonly coordinates: { readonly latitude: string; readonly longitude: string };
  readonly evseUid: string;
  readonly evseId: string;
  readonly connectorId: string;
  readonly connectorStandard: string;
  readonly connectorFormat: "SOCKET" | "CABLE";
  readonly connectorPowerType: "AC_1_PHASE" | "AC_3_PHASE" | "DC";
}

export interface OcpiTariff {
  readonly countryCode: string;
  readonly partyId: string;
  readonly id: string;
  readonly currency: string;
  readonly elements: readonly {
    readonly priceComponents: readonly {
      readonly type: "ENERGY" | "FLAT";
      readonly price: number;
      readonly stepSize: number;
    }[];
  }[];
  readonly lastUpdated: string;
}

export interface OcpiSignedData {
  readonly encodingMethod: "OCMF";
  readonly publicKey: string;
  readonly signedValues: readonly {
    readonly nature: string;
    readonly plainData: string;
    readonly signedData: string;
  }[];
}

/** The same with every key as OCPI spells it: countryCode → country_code. Values stay as they are. */
export function ocpiJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ocpiJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      ocpiJson(inner),
    ]),
  );
}
