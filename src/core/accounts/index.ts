export { createAccount, requireAccount } from "./accounts";
export { AccountInput } from "./schemas";
export type { Account } from "./store";
