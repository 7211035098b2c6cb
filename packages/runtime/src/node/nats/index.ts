export { type BackboneMessage, messageMax_bytes, NatsBackbone } from "./nats-backbone.ts";
