export { createAccount, requireAccount } from "./accounts";
export type { Account } from "./store";
