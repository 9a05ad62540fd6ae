import { generateKeyPairSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { EndStuckWorkers, isOfEndedWorker } from "./support/end-stuck-workers";

const root = fileURLToPath(new URL("..", import.meta.url));
const UNIT_TESTS = "test/**/*.unit.test.ts";
const TOOL_TESTS = "test/**/*.tools.test.ts";
const BROWSER_TESTS = "test/browser/**/*.test.ts";
const TEST_TIMEOUT_MS = 30_000;
/** A linter reads the whole document for seconds, on a busy machine for a minute. */
const TOOL_TIMEOUT_MS = 180_000;
/** A test in the browser is a journey of many steps. */
const BROWSER_TIMEOUT_MS = 180_000;
/** Hooks that capture every statement of a journey. */
const HOOK_TIMEOUT_MS = 60_000;

const SIGNING_KEY = JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
process.env.WRANGLER_LOG = "warn";

export default defineConfig({
  test: {
    silent: "passed-only",
    reporters: ["default", new EndStuckWorkers()],
    onUnhandledError: (error) => (isOfEndedWorker(error) ? false : undefined),
    maxWorkers: 2,
    provide: { fuzzSeed: Number(process.env.FUZZ_SEED ?? 1) },
    projects: [
      // Pure logic, in plain Node: seconds, for while one types.
      { root, test: { name: "unit", testTimeout: TEST_TIMEOUT_MS, include: [UNIT_TESTS] } },
      // What other people's tools make of the API's document: plain Node, too, but slow.
      { root, test: { name: "tools", testTimeout: TOOL_TIMEOUT_MS, include: [TOOL_TESTS] } },
      // The console in Debian's Chromium, against a real `npm start`: plain Node. Skipped where there is no Chromium.
      {
        root,
        test: {
          name: "browser",
          testTimeout: BROWSER_TIMEOUT_MS,
          hookTimeout: BROWSER_TIMEOUT_MS,
          include: [BROWSER_TESTS],
          globalSetup: ["test/browser/support/serve.ts"],
          fileParallelism: false,
        },
      },
      // Everything else, in workerd against real D1, R2, Queues and Durable Objects.
      {
        root,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: `${root}/wrangler.toml` },
            miniflare: {
              // the second database of a deployment whose org units are spread over several
              d1Databases: { DB_1: "leadedge-1" },
              bindings: {
                ADMIN_TOKEN: "test-admin-token",
                SIGNING_KEY,
                ALLOWED_ORIGINS: "https://app.example.com, chrome-extension://abcdefghijklmnop",
                TEST_MIGRATIONS: await readD1Migrations(`${root}/migrations`),
                FUZZ_REQUESTS: process.env.FUZZ_REQUESTS ?? "2000",
              },
            },
          })),
        ],
        test: {
          name: "workers",
          testTimeout: TEST_TIMEOUT_MS,
          hookTimeout: HOOK_TIMEOUT_MS,
          include: ["test/**/*.test.ts"],
          exclude: ["**/node_modules/**", UNIT_TESTS, TOOL_TESTS, BROWSER_TESTS, "test/bench/**"],
          globalSetup: ["test/support/build-modules.ts"],
          setupFiles: ["test/support/migrate.ts"],
        },
      },
    ],
  },
});
