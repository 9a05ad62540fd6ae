export { ACCESS_TOKEN_TTL_SECONDS, type IdentityProvider, signAccessToken } from "./access-token";
export { actorId, includesRole, isOfOrganization, organizationOf, requireOperator, requireRole, roleOf } from "./actor";
export { type AuthCtx, type Authenticated, authenticate, authenticateClient, authenticateSecret, basicPair } from "./authenticate";
export { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
export { createPersonalToken, listPersonalTokens, revokePersonalToken } from "./personal-tokens";
export { sameSecret, WORKSPACE_KEY_PREFIX } from "./secrets";
export { createServiceAccount, listServiceAccounts, revokeServiceAccount } from "./service-accounts";
export { readSessionCookie, type SessionCookie, signSessionCookie } from "./session-cookie";
export { importSigningKey, type SigningKey } from "./signing-key";
