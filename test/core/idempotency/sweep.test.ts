/** Answers that nobody gets any longer are removed, in slices, and none that counts. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { removeOldAnswers } from "../../../src/core/idempotency";
import { openShards } from "../../../src/open-context";

const HOUR_MS = 3_600_000;
const NOW = 1_000 * HOUR_MS;
const [shard] = openShards(env);

const insert = (unit: number, count: number, created_at: number) =>
  env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO idempotency_keys (unit, scope, key, created_at, request_hash, status, body)
     SELECT ?1, 'scope', printf('%d-%06d', ?3, i), ?3, 'hash', 201, '{}' FROM n`,
  )
    .bind(unit, count, created_at)
    .run();
const left = async () => env.DB.prepare("SELECT count(*) AS n FROM idempotency_keys").first<number>("n");
const sweep = () => removeOldAnswers(shard as NonNullable<typeof shard>, NOW);

beforeEach(async () => {
  await env.DB.batch([env.DB.prepare("DELETE FROM idempotency_keys"), env.DB.prepare("DELETE FROM sweep_positions")]);
});

it("removes those of 48 hours and more, and keeps the others", async () => {
  await insert(1, 1_500, NOW - 48 * HOUR_MS);
  await insert(2, 10, NOW - 48 * HOUR_MS + 1);
  expect(await sweep()).toBe(1_500);
  expect(await left()).toBe(10);
});

it("walks at most 20,000 rows a run, goes on where it stopped, and begins again at the end", async () => {
  await insert(1, 20_000, NOW);
  await insert(2, 500, 0);
  expect(await sweep()).toBe(0);
  expect(await sweep()).toBe(500);
  await insert(0, 3, 0);
  expect(await sweep()).toBe(3);
  expect(await left()).toBe(20_000);
});
