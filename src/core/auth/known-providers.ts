/** The identity providers of all organizations, as this isolate knows them. */
import type { Directory } from "../../context";
import { TtlCache } from "../../ttl-cache";
import { type IdentityProviderRow, selectAllIdentityProviders } from "./store";

/** All of them in one entry: a token of an unknown issuer then costs no look-up, however often it is sent. */
const known = new TtlCache<ReadonlyMap<string, IdentityProviderRow>>();
const ALL = "all";

/** The provider that an organization has for this issuer. Cached for 30 s in the isolate. */
export async function findIdentityProvider(
  ctx: { directory: Directory; now(): number },
  issuer: string,
): Promise<IdentityProviderRow | undefined> {
  let providers = known.get(ALL, ctx.now());
  if (!providers) {
    const rows = await selectAllIdentityProviders(ctx.directory);
    providers = new Map(rows.map((row) => [row.issuer, row]));
    known.set(ALL, providers, ctx.now());
  }
  return providers.get(issuer);
}

export const forgetProviders = (): void => known.deleteWhere(() => true);
