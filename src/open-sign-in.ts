/** What signing in to the console, and letting OAuth clients in, need of the bindings. */
import type { LocalSignIn } from "./core/sign-in";
import { liveUnits } from "./durable-objects/org-unit-client";
import { http, openAuth, settings } from "./open-context";

/** For signing in to the console, and for its sessions. `address`: the caller's network, see http/address.ts. */
export const openSignIn = async (env: Env, address: string | null) => ({
  ...(await openAuth(env, address)),
  live: liveUnits(env, Date.now),
  http,
  local: localSignIn(env),
});

/** `LOCAL_SIGN_IN`: a code and a credential's id. */
function localSignIn(env: Env): LocalSignIn | null {
  const [code, credential_id] = env.LOCAL_SIGN_IN?.split(" ") ?? [];
  return code && credential_id ? { code, credential_id } : null;
}

/** For reviewing what OAuth clients request: their metadata is fetched under the rules of webhooks. */
export const openReview = async (env: Env, address: string | null) => ({
  ...(await openAuth(env, address)),
  http,
  settings: settings(env),
});
