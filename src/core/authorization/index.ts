export { REQUEST_PARAMETERS, type ReviewCtx, resourceOf, reviewRequest, SCOPES } from "./authorization-request";
export { approveAuthorization, type ConsentView, type Service, viewAuthorization } from "./authorize";
export { REDIRECT_URIS_MAX } from "./client";
export { documentHost } from "./client-document";
export { OAuthError } from "./oauth-error";
export { type RedeemCtx, redeemCode, refreshTokens, type Tokens } from "./redeem";
export { redirectHost } from "./redirect-uri";
export { registerClient } from "./registered-client";
