import type { TokenRow } from "./token-file.ts";

/** Who asks: of a token or a login, or whoever shows none where the site lets them in. */
export type Caller = Pick<TokenRow, "id" | "role" | "fleet">;
