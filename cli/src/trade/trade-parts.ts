import type { MenuPart } from "./menu.ts";
import { accountOperations } from "./operations/accounts.ts";
import { beanOperations } from "./operations/beans.ts";
import { pileClosingOperations } from "./operations/pile-closing.ts";
import { pileGroupOperations } from "./operations/pile-groups.ts";
import { pileOperations } from "./operations/piles.ts";
import { readingOperations } from "./operations/reading.ts";
import { sessionOperations } from "./operations/sessions.ts";
import { vehicleOperations } from "./operations/vehicles.ts";
import type { TradeSession } from "./trade-session.ts";

/** Everything that a user of the market can do, as the menu shows it. */
export const tradeParts: readonly MenuPart<TradeSession>[] = [
  { title: "Account and money", operations: accountOperations },
  { title: "Charging", operations: sessionOperations },
  { title: "Electric beans", operations: beanOperations },
  { title: "Energy between vehicles", operations: vehicleOperations },
  { title: "Private piles", operations: [...pileOperations, ...pileClosingOperations] },
  { title: "Groups that confirm", operations: pileGroupOperations },
  { title: "Look", operations: readingOperations },
];
