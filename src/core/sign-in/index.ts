export { beginProviderSignIn, finishProviderSignIn, hasProvider } from "./provider-sign-in";
export { SessionChoice } from "./schemas";
export {
  endAllConsoleSessions,
  endConsoleSession,
  findSessionOwner,
  listConsoleSessions,
  openConsoleSession,
  type SessionOwner,
} from "./session";
export { type LocalSignIn, type SignedIn, signIn, signInLocally } from "./sign-in";
