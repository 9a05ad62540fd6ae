/** Looks accounts up: by id, by domain, by name, or by a similar name. */
import type { Ctx } from "../../context";
import { invalidRequest } from "../../validation";
import { type Account, requireAccount, selectAccountByDomain } from "../accounts";
import { type AccountOverview, overviewsOf } from "./overview";
import { similarity } from "./similarity";
import { ACCOUNTS_READ_MAX, selectByName, selectMatching } from "./store";

/** By its id or its domain. Two D1 round trips. Throws not_found. */
export async function requireAccountOverview(ctx: Ctx, idOrDomain: string): Promise<AccountOverview> {
  const [overview] = await overviewsOf(ctx, [await requireAccount(ctx, idOrDomain)]);
  if (!overview) throw new Error("an account has no overview");
  return overview;
}

/** Returns the account with this domain, otherwise the one with exactly this name, otherwise null. One D1 round trip. Throws invalid_request if both are missing. */
export async function findAccount(
  ctx: Ctx,
  { domain, name }: { domain?: string | undefined; name?: string | undefined },
): Promise<Account | null> {
  const given = { domain: domain?.trim().toLowerCase() ?? "", name: name?.trim() ?? "" };
  if (given.domain === "" && given.name === "") throw invalidRequest([{ path: "domain", message: "is required, or a name" }]);
  const [byDomain, byName] = await ctx.db.batch([selectAccountByDomain(ctx.db, given.domain), selectByName(ctx.db, given.name)]);
  return (given.domain === "" ? undefined : byDomain[0]) ?? (given.name === "" ? undefined : byName[0]) ?? null;
}

export type SimilarAccount = { account: Account; similarity: number };

const SIMILAR_MAX = 5;
const SIMILARITY_MIN = 0.6;

/** Up to five accounts whose names are more than 60 % like this one, the most similar first; of the unit's first 10,000. One D1 round trip. */
export async function similarAccounts(ctx: Ctx, name: string): Promise<SimilarAccount[]> {
  const wanted = name.trim();
  if (wanted === "") throw invalidRequest([{ path: "name", message: "must not be empty" }]);
  const all = await ctx.db.all(selectMatching(ctx.db, { search: undefined, created_after: undefined, created_before: undefined }));
  return all
    .slice(0, ACCOUNTS_READ_MAX)
    .map((account) => ({ account, similarity: similarity(wanted, account.name) }))
    .filter((found) => found.similarity > SIMILARITY_MIN)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, SIMILAR_MAX);
}
