import { join } from "node:path";
import {
  encodeChargePointRequest,
  encodeJoin,
  moduleNumber,
  signChargePoint,
  signJoin,
  unionAction,
} from "@voltfog/ledger";
import type { MarketOverviewView } from "@voltfog/messages";
import { CodedError, fromHex } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { RunningNode } from "../consortium/ask-node.ts";
import { readGenesis } from "../site/site-record.ts";
import { operatorDeposit, plannedChargePoints } from "./demonstration-terms.ts";
import type { MarketClient } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { openAccount, type SitePerson, siteKeyOf } from "./site-people.ts";

/** For the deposit, and something to spare. */
const firstMoney = 2 * operatorDeposit;

/** What an earlier start did; anything else is a refusal. */
const doneBefore: readonly string[] = ["OK", "ALREADY_JOINED", "ID_TAKEN", "KEY_TAKEN"];

/** An organisation of the site that runs charge points. */
interface SiteOperator {
  readonly organisation: string;
  /** Its place among the operators. */
  readonly place: number;
  /** A validator of its own, which speaks for it. */
  readonly validator: string;
}

/** Every organisation of a site that has a validator, in the genesis file's order. */
export function siteOperators(site: MarketSite): readonly SiteOperator[] {
  const { organisations, validators } = readGenesis(site.paths.genesis);
  return organisations
    .flatMap(({ id }) => {
      const validator = validators.find(({ organisation }) => organisation === id);
      return validator === undefined ? [] : [{ organisation: id, validator: validator.id }];
    })
    .map((operator, place) => ({ ...operator, place }));
}

interface Founding {
  readonly site: MarketSite;
  readonly client: MarketClient;
  readonly overview: MarketOverviewView;
}

/** Has the site's operators join the union with their deposits and register their charge points. */
export async function foundUnion(o: Founding): Promise<void> {
  for (const operator of siteOperators(o.site)) {
    const known = o.overview.union.operators.find(
      (one) => one.organisation === operator.organisation,
    );
    // Whoever left the union did so on purpose.
    if (known?.left === true) continue;
    if (known === undefined) await joinUnion(o, operator);
    await registerPoints(o, operator);
  }
}

function personOf({ site }: Founding, { organisation }: SiteOperator): SitePerson {
  return { handle: `site-${organisation}`, signer: siteKeyOf(site.paths, organisation) };
}

/** Its account pays the deposit; a validator of the organisation says that it joins. */
async function joinUnion(founding: Founding, operator: SiteOperator): Promise<void> {
  const { site, client } = founding;
  const { chainId } = founding.overview;
  const person = personOf(founding, operator);
  await openAccount({ client, chainId, person, amount: firstMoney });
  const validator = site.processes.find(({ id }) => id === operator.validator);
  const request = signJoin({
    chainId: fromHex(chainId) ?? new Uint8Array(),
    organisation: operator.organisation,
    deposit: operatorDeposit,
    term: 1,
    signer: person.signer,
  });
  const code = await new RunningNode(validator?.ports.http ?? 0).send({
    signer: loadSigningKey(join(site.paths.keys, `${operator.validator}.key`)),
    module: moduleNumber.union,
    action: unionAction.join,
    payload: encodeJoin(request),
  });
  refuseUnlessDone(code, `${operator.organisation} joins the union`);
}

async function registerPoints(founding: Founding, operator: SiteOperator): Promise<void> {
  const { site, client } = founding;
  const { organisation, place } = operator;
  const known = founding.overview.union.operators.find((one) => one.organisation === organisation);
  const planned = plannedChargePoints(place);
  // Points that the operator removed are not registered again.
  if ((known?.chargePoints ?? 0) >= planned.length) return;
  for (const point of planned) {
    const request = signChargePoint({
      chainId: fromHex(founding.overview.chainId) ?? new Uint8Array(),
      organisation,
      point,
      signer: siteKeyOf(site.paths, point.pileId),
    });
    const { code } = await client.order(personOf(founding, operator).signer, {
      module: moduleNumber.union,
      action: unionAction.addChargePoint,
      payload: encodeChargePointRequest(request),
    });
    refuseUnlessDone(code, `charge point ${point.pileId}`);
  }
}

function refuseUnlessDone(code: string, what: string): void {
  if (doneBefore.includes(code)) return;
  throw new CodedError({ code, message: `the chain refuses it: ${what}` });
}
