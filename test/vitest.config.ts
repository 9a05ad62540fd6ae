import { generateKeyPairSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

process.env.SIGNING_KEY = JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
process.env.WRANGLER_LOG = "warn";

// Every test runs in workerd against real D1, R2, Queues and Durable Objects.
export default defineConfig({
  root,
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: `${root}/wrangler.toml` },
      miniflare: {
        // the second database of a deployment whose org units are spread over several
        d1Databases: { DB_1: "leadedge-1" },
        bindings: {
          ADMIN_TOKEN: "test-admin-token",
          ALLOWED_ORIGINS: "https://app.example.com, chrome-extension://abcdefghijklmnop",
          TEST_MIGRATIONS: await readD1Migrations(`${root}/migrations`),
        },
      },
    })),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/bench/**"],
    setupFiles: ["test/support/migrate.ts"],
    silent: "passed-only",
    testTimeout: 30_000,
    maxWorkers: 2,
  },
});
