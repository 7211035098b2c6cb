export { httpFeedFetch } from "./http-feed-fetch.ts";
export { currentModel, type RegisteredModel, registerModel } from "./model-registry.ts";
export { openModel } from "./open-model.ts";
