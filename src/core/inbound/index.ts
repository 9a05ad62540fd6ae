/** Forms and other services that send leads: not standing imports, which fetch files. */
export { holdDelivery, listHeld, listHoldingUnits, readHeld } from "./held";
export { type InboundPayload, listInboundPayloads, replayInboundPayload } from "./payloads";
export { type Received, receiveDelivery } from "./receive-delivery";
export { SENDERS } from "./senders";
export { type InboundSource, InboundSourceChange, NewInboundSource } from "./source";
export {
  type CreatedInboundSource,
  changeInboundSource,
  createInboundSource,
  deleteInboundSource,
  listInboundSources,
  noSuchAddress,
  requireInboundSource,
  requireSourceOfToken,
} from "./sources";
export type { Delivery } from "./submission";
export { countWrongToken, unitOfToken } from "./token";
