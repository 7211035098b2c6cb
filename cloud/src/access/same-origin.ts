/** The headers that a browser alone writes, and no page can. */
export interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

/**
 * Whether a browser says that a page of this very origin sent the request. What says nothing is no page of
 * ours. Sec-Fetch-Site goes first: it holds behind a proxy that writes another Host.
 */
export function isSameOrigin(headers: OriginHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { host, origin } = headers;
  if (host === undefined || origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

/** Whether the page came over TLS, as its browser says. */
export function isFromTls({ origin }: OriginHeaders): boolean {
  return origin?.startsWith("https://") === true;
}
