/** Where each thing of the market has its page. */
export function walletPage(key: string): string {
  return `/wallet?key=${key}`;
}

export function tradePage(id: string): string {
  return `/v2v?trade=${id}`;
}

export function contractPage(id: string): string {
  return `/piles?contract=${id}`;
}
