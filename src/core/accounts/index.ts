export { createAccount, noSuchAccount, requireAccount } from "./accounts";
export { linkDomains, type NewAccount } from "./link-domains";
export { type LinkedGroups, linkGroups, type StatedGroup } from "./link-groups";
export { ACCOUNT_FIELDS, AccountChange, AccountInput } from "./schemas";
export { type Account, selectAccount, selectAccountByDomain, selectAccountOfLead, selectAccounts } from "./store";
