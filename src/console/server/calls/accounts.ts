/** Accounts, as far as a lead is linked to one. */
import { z } from "zod";
import { listAccounts } from "../../../core/account-overview";
import { AccountInput, createAccount } from "../../../core/accounts";
import { read, write } from "../call";

const FOUND_MAX = 8;
const { name, domain } = AccountInput.shape;

export const accountCalls = {
  /** By part of a name or a domain. */
  "accounts.find": read(z.strictObject({ search: z.string() }), async (ctx, { search }) => {
    const order = { sort_by: "name", sort_order: "asc" } as const;
    const { accounts } = await listAccounts(ctx, { search, page: 1, per_page: FOUND_MAX, ...order });
    return { accounts: accounts.map(({ account, stats }) => ({ ...accountView(account), leads: stats.leads })) };
  }),
  "accounts.create": write(z.strictObject({ name, domain }), async (ctx, given, { remembering }) =>
    accountView(await createAccount(ctx, given, remembering(accountView))),
  ),
};

const accountView = ({ account_id, name, domain }: { account_id: string; name: string; domain: string | null }) => ({
  account_id,
  name,
  domain,
});
