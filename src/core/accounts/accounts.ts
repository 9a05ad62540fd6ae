import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { type Account, insertAccount, selectAccount, selectAccountByDomain } from "./store";

export async function createAccount(ctx: Ctx, input: { name: string; domain?: string | undefined }): Promise<Account> {
  const now = ctx.now();
  const account: Account = {
    account_id: newId("acct", now),
    name: input.name,
    domain: input.domain?.toLowerCase() ?? null,
    created_at: now,
    updated_at: now,
  };
  await ctx.db.batch([insertAccount(ctx.db, account)]);
  return account;
}

/** An account by its id or its domain (contract: accounts-id). */
export async function requireAccount(ctx: Ctx, idOrDomain: string): Promise<Account> {
  const byId = idOrDomain.startsWith("acct_");
  const [account] = await ctx.db.all<Account>(
    byId ? selectAccount(ctx.db, idOrDomain) : selectAccountByDomain(ctx.db, idOrDomain.toLowerCase()),
  );
  if (!account) throw new AppError("not_found", "Account not found");
  return account;
}
