import { type Crypto, utf8 } from "@voltfog/runtime";

/** What a contract is made of, in the words of its template. */
export interface ContractTerms {
  readonly contractId: string;
  readonly buyer: string;
  readonly owner: string;
  readonly pile: string;
  readonly energy_Wh: number;
  readonly cost: number;
  readonly margin: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly cataloguePricePerKWh: number;
}

/** The text that contracts are made from, where a zone's curve names no other. */
export const standardTemplate = `Use of a private pile

Contract {contractId} between the owner {owner} of the pile {pile} and the buyer {buyer}.

1. From {from} to {to} the owner gives {energy_Wh} Wh through the pile.
2. The buyer pays {cost} millionths of the currency for it. {margin} millionths lie locked beside it.
3. Energy beyond that, at most a tenth, is bought from the grid, and energy that was not taken is sold to it,
   both at {cataloguePricePerKWh} millionths per kWh.
4. Both meters count. Within 50 Wh or 2 % the lower one holds; otherwise the authority decides.
5. Who says nothing within a day of both readings agrees with them.
`;

const domain = utf8("voltfog/pile-template/1\n");

/** What the chain knows a template by. */
export function templateHash(text: string, crypto: Crypto): Uint8Array {
  return crypto.sha256(domain, utf8(text));
}

/** A contract's text: the template with every {field} filled in; unknown fields stay as they are. */
export function renderContract(template: string, terms: ContractTerms): string {
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, String(value)])),
    from: new Date(terms.from_ms).toISOString(),
    to: new Date(terms.to_ms).toISOString(),
  };
  return template.replace(/\{(\w+)\}/g, (field, name: string) => values[name] ?? field);
}
