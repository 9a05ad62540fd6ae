/** The identity providers of all organizations, as this isolate knows them. */
import type { Directory } from "../../context";
import { TtlCache } from "../../ttl-cache";
import type { IdentityProvider } from "./provider-token";
import { type IdentityProviderRow, selectAllIdentityProviders } from "./store";

/** All of them in one entry: a token of an unknown issuer then costs no look-up, however often it is sent. */
const known = new TtlCache<ReadonlyMap<string, IdentityProviderRow>>();
const ALL = "all";

type KnownCtx = { directory: Directory; now(): number };

/** The provider that an organization has for this issuer. Cached for 30 s in the isolate. */
export const findIdentityProvider = async (ctx: KnownCtx, issuer: string): Promise<IdentityProviderRow | undefined> =>
  (await knownProviders(ctx)).get(issuer);

/** The first provider of an organization, which its tokens open alone. Cached for 30 s in the isolate. */
export async function findProviderOf(ctx: KnownCtx, organizationId: string): Promise<IdentityProvider | null> {
  const found = [...(await knownProviders(ctx)).values()].find(({ organization_id }) => organization_id === organizationId);
  return found ? { ...found, organizations: [organizationId] } : null;
}

/** By issuer. Cached for 30 s in the isolate. */
export async function knownProviders(ctx: KnownCtx): Promise<ReadonlyMap<string, IdentityProviderRow>> {
  let providers = known.get(ALL, ctx.now());
  if (!providers) {
    const rows = await selectAllIdentityProviders(ctx.directory);
    providers = new Map(rows.map((row) => [row.issuer, row]));
    known.set(ALL, providers, ctx.now());
  }
  return providers;
}

export const forgetProviders = (): void => known.deleteWhere(() => true);
