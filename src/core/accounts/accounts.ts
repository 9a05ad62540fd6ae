import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { AccountInput } from "./schemas";
import { type Account, insertAccount, selectAccount, selectAccountByDomain } from "./store";

/** One D1 round trip. Throws forbidden, invalid_request. */
export async function createAccount(
  ctx: Ctx,
  input: z.input<typeof AccountInput>,
  remember: Remember<Account> = () => [],
): Promise<Account> {
  requireRole(ctx, "editor");
  const { name, domain, metadata = {} } = parseInput(AccountInput, input);
  const now = ctx.now();
  const account: Account = {
    account_id: newId("acct", now),
    name,
    domain: domain?.toLowerCase() ?? null,
    created_at: now,
    updated_at: now,
  };
  await ctx.db.batch([insertAccount(ctx.db, account, JSON.stringify(metadata)), ...remember(account)]);
  return account;
}

/** An account by its id or its domain, in any case: of several with one domain the first. One D1 round trip. Throws not_found. */
export async function requireAccount(ctx: Ctx, idOrDomain: string): Promise<Account> {
  const byId = idOrDomain.startsWith("acct_");
  const [account] = await ctx.db.all(byId ? selectAccount(ctx.db, idOrDomain) : selectAccountByDomain(ctx.db, idOrDomain.toLowerCase()));
  if (!account) throw noSuchAccount();
  return account;
}

export const noSuchAccount = (): AppError => new AppError("not_found", "Account not found");
