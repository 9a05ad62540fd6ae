export { type AccountMerge, changeAccount, mergeAccounts } from "./change-account";
export { findAccount, requireAccountOverview, similarAccounts } from "./find-account";
export { listAccounts } from "./list-accounts";
export type { AccountOverview } from "./overview";
export { ACCOUNT_SORTS, AccountMergeInput, SORT_ORDERS, SURGE_STATUSES } from "./schemas";
