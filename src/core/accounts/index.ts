export { createAccount, requireAccount } from "./accounts";
export { AccountInput } from "./schemas";
export { type Account, selectAccount, selectAccountOfLead, selectAccounts } from "./store";
