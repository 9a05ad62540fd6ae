/** Bindings that may be absent, which `wrangler types` cannot say. */
declare namespace Cloudflare {
  interface Env {
    /** opens /admin; without it the token of whoever claimed the installation does */
    ADMIN_TOKEN?: string;
    /** private Ed25519 JWK that signs tokens and cookies; without it the installation creates and rotates its own */
    SIGNING_KEY?: string;
    /** the signing key before SIGNING_KEY: still verifies, so that a rotation ends no session and no token */
    SIGNING_KEY_PREVIOUS?: string;
    /** sent as Bearer to EMAIL_WEBHOOK_URL */
    EMAIL_WEBHOOK_TOKEN?: string;
    /** "true" lets webhooks go to 127.0.0.1, localhost and [::1]; only `npm start` sets it */
    ALLOW_LOOPBACK_WEBHOOKS?: string;
    /** code and credential that the console's link opens: `<code> <credential_id>`; only `npm start` sets it */
    LOCAL_SIGN_IN?: string;
  }
}
interface Env extends Cloudflare.Env {}
