/** Bindings that may be absent, which `wrangler types` cannot say. */
declare namespace Cloudflare {
  interface Env {
    /** opens /admin; without it the whole prefix answers 404 */
    ADMIN_TOKEN?: string;
  }
}
interface Env extends Cloudflare.Env {}
