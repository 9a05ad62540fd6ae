/** For whom a session acts, as it is stored: enough to find the actor again, who may have lost the right to call meanwhile. */
import { decodeJwt } from "jose";
import type { OrganizationActor } from "../../context";
import { isOfOrganization } from "./actor";
import { type AuthCtx, findLiving } from "./authenticate";
import { knownProviders } from "./known-providers";

export type Principal = { kind: "credential"; credential_id: string } | Extract<OrganizationActor, { kind: "identity_provider" }>;

export const principalOf = (actor: OrganizationActor): Principal =>
  actor.kind === "credential" ? { kind: actor.kind, credential_id: actor.credential_id } : actor;

/**
 * The actor of a principal; null when its credential is revoked or expired, or its identity provider is accepted no longer. What a provider's
 * token said of its user is kept until the session ends. Cached for 30 s in the isolate.
 */
export async function findActor(ctx: AuthCtx, principal: Principal): Promise<OrganizationActor | null> {
  if (principal.kind === "credential") {
    const actor = (await findLiving(ctx, principal.credential_id))?.actor;
    return actor && isOfOrganization(actor) ? actor : null;
  }
  const { identity_provider_id, organization_id } = principal;
  if (identity_provider_id === null) {
    const organizations = ctx.identityProvider && (ctx.identityProvider.organizations ?? [organization_id]);
    return organizations?.includes(organization_id) ? principal : null;
  }
  const providers = [...(await knownProviders(ctx)).values()];
  return providers.some((provider) => provider.identity_provider_id === identity_provider_id) ? principal : null;
}

/** When a token that has been verified expires, in ms; null: it is no JWT, or never does. */
export function tokenExpiry(token: string): number | null {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? null : exp * 1000;
  } catch {
    return null;
  }
}
