export { type AccountMerge, changeAccount, mergeAccounts } from "./change-account";
export { findAccount, requireAccountOverview, similarAccounts } from "./find-account";
export { listAccounts } from "./list-accounts";
export { type AccountOverview, type AccountStats, statsIn, statsOf } from "./overview";
export { ACCOUNT_SORTS, AccountMergeInput, SORT_ORDERS, SURGE_STATUSES } from "./schemas";
export { LEADS_READ_MAX, type LinkedLead, selectLinked } from "./store";
