// as in app.ts: before any schema of the core is created
import "@hono/zod-openapi";
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
// vitest loads what a module imports later over a channel that a Durable Object may not use
import "../../src/queues/lane-work";

for (const database of [env.DB, env.DB_1]) await applyD1Migrations(database, env.TEST_MIGRATIONS);
