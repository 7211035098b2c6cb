import type { FoundView } from "@voltfog/messages";

/** Where each thing of the chain has its page. */
export function transactionPage(hash: string): string {
  return `/chain/transactions/${hash}`;
}

export function blockPage(height: number | string): string {
  return `/chain/blocks/${height}`;
}

export function logPage(log: string): string {
  return `/chain/logs?log=${encodeURIComponent(log)}`;
}

export function validatorPage(id: string): string {
  return `/chain/validators?validator=${encodeURIComponent(id)}`;
}

export function changePage(id: string): string {
  return `/chain/changes?change=${id}`;
}

/** The page of what a search found. */
export function foundPage({ kind, id }: FoundView): string {
  switch (kind) {
    case "block":
      return blockPage(id);
    case "transaction":
      return transactionPage(id);
    case "event":
      return `/events/${id}`;
    case "log":
      return logPage(id);
    case "validator":
      return validatorPage(id);
    case "organisation":
      return `/chain/validators?organisation=${encodeURIComponent(id)}`;
  }
}
