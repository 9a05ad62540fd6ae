export { ACCESS_TOKEN_TTL_SECONDS, signAccessToken, type TokenTarget } from "./access-token";
export { actorId, includesRole, isGrant, isOfOrganization, mayEdit, organizationOf, requireOperator, requireRole, roleOf } from "./actor";
export { AUDIT_ACTIONS, auditRow, listAudit, recordChange, removeOldAudit } from "./audit";
export {
  type AuthCtx,
  type Authenticated,
  authenticate,
  authenticateClient,
  authenticateSecret,
  basicPair,
  type ClientPair,
  forgetCredentials,
} from "./authenticate";
export { callerName } from "./caller-name";
export { type CreatedCredential, createCredential, type MintedCredential, revokeAnyCredential, revokeCredential } from "./credentials";
export { type AttemptCtx, isWorthLookUp, recordFailure, requireAttempt } from "./failed-attempts";
export { createGrant, type Grant, GrantTerms, listGrants, revokeGrant } from "./grants";
export { createIdentityProvider, deleteIdentityProvider, listIdentityProviders, listOwnIdentityProviders } from "./identity-providers";
export { findProviderOf, forgetProviders } from "./known-providers";
export { type CredentialPage, listAnyCredentials, listApiKeys } from "./list-credentials";
export { createPersonalToken, listPersonalTokens, type MintedToken, revokePersonalToken } from "./personal-tokens";
export { findActor, type Principal, principalOf, tokenExpiry } from "./principal";
export { type IdentityProvider, verifyProviderToken } from "./provider-token";
export { NewCredential, NewIdentityProvider, NewPersonalToken, NewServiceAccount, NewWriteKey } from "./schemas";
export { hasValidTag, tagged, tagKeysOf } from "./secret-tag";
export {
  type GrantSecretKind,
  grantOfSecret,
  newGrantSecret,
  newSecret,
  refreshTokenAfter,
  WORKSPACE_KEY_PREFIX,
  WRITE_KEY_PREFIX,
} from "./secrets";
export { createServiceAccount, listServiceAccounts, type MintedServiceAccount, revokeServiceAccount } from "./service-accounts";
export { readSessionCookie, type SessionCookie, signSessionCookie } from "./session-cookie";
export { type PendingSignIn, readSignInCookie, signSignInCookie } from "./sign-in-cookie";
export { signReceipt } from "./sign-receipt";
export { importSigningKeys, type SigningKeys } from "./signing-key";
export { type AuditRow, type CredentialWithHome, findById as findCredential, type IdentityProviderRow, insertAuditEntry } from "./store";
export { createWriteKey, listWriteKeys, type MintedWriteKey, revokeWriteKey, type WriteKey } from "./write-keys";
