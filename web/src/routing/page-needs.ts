/** Routes of the API without which the pages behind a door have nothing to show. */
export const pageNeeds = {
  "/fleet": "/v1/vehicles",
  "/maintenance": "/v1/maintenance/ranking",
  "/operations": "/v1/control/topology",
  "/settlement": "/v1/market/overview",
  "/wallet": "/v1/market/overview",
  "/chain": "/v1/chain",
} as const;
