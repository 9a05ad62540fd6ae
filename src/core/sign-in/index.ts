export {
  endAllOperatorSessions,
  endOperatorSession,
  findOperatorSession,
  listOperatorSessions,
  OPERATOR_ID,
  type OperatorSignIn,
  openOperatorSession,
  type SignedInOperator,
} from "./operator-session";
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
