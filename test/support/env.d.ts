declare namespace Cloudflare {
  interface Env {
    TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
    DB_1: D1Database;
    FUZZ_REQUESTS: string;
  }
}
