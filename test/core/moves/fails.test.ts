/** A move that cannot succeed leaves the unit where it is; one that was disturbed begins again where it has to. */
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { runMove } from "../../../src/core/moves";
import { requireOrgUnitByKey } from "../../../src/core/org-units";
import { openSystem } from "../../../src/open-context";
import { ingest, mintUnitTenant } from "../../support/events";
import { CONTACTS_MAPPING, contactsCsv, cronTick, emailOf, importCsv } from "../../support/imports";
import {
  beginMove,
  dump,
  expectNothingLeft,
  isClosed,
  isRemoved,
  isSwitched,
  LEASE_OVER_MS,
  operatorCtx,
  readMove,
  runUntil,
  testWorld,
  watched,
} from "../../support/moves";
import { logged } from "../../support/worker";

// a move is some hundred statements, and the triggers of all tables
vi.setConfig({ testTimeout: 120_000 });

async function mintMoving(until: string) {
  const tenant = await mintUnitTenant();
  await importCsv(tenant.client, contactsCsv(5), CONTACTS_MAPPING);
  const world = testWorld();
  const { move_id } = await beginMove(world, tenant.organization_id, 1);
  await runUntil(world, move_id, ({ step }) => step === until);
  const directory = (await operatorCtx(world)).directory;
  const place = async () => {
    const { shard, moving } = await requireOrgUnitByKey(directory, tenant.unit, Date.now());
    return { shard, moving };
  };
  const patch = (seat: string) => tenant.client.patch("/lead/by-alias/metadata", { alias_value: emailOf(1), attributes: { seat } });
  return { ...tenant, world, move_id, place, patch };
}

const triggersOn = (table: string, moveId: string) =>
  env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 AND substr(name, 1, length(?2)) = ?2")
    .bind(table, moveId)
    .all<{ name: string }>();

it("a row that stays different in the new database ends the move, and the unit stays", async () => {
  const { unit, world, move_id, place, patch } = await mintMoving("verify");
  const before = await dump(env.DB, unit);
  // a database that stores something else than it was given
  const lying = watched(world, async (call, what) => {
    const result = await call();
    if (/INSERT OR REPLACE INTO leads/.test(what)) await spoil();
    return result;
  });
  const spoil = async () => {
    await env.DB_1.batch([
      env.DB_1.prepare("UPDATE move_sides SET open = 'leads' WHERE move_id = ?1 AND side = 'to'").bind(move_id),
      env.DB_1.prepare("UPDATE leads SET version = version + 1 WHERE unit = ?1").bind(unit),
      env.DB_1.prepare("UPDATE move_sides SET open = '' WHERE move_id = ?1 AND side = 'to'").bind(move_id),
    ]);
  };
  await spoil();
  const failed = await runUntil(lying, move_id, ({ status }) => status === "failed");
  expect(failed).toMatchObject({ step: "undo", error: "5 rows differ after they have been copied" });
  const closed = await runUntil(world, move_id, isClosed);
  expect(closed).toMatchObject({ status: "failed", error: failed.error, switched_at: null });
  await expectNothingLeft(env.DB_1, closed);
  expect(await dump(env.DB, unit)).toEqual(before);
  expect(await place()).toEqual({ shard: 0, moving: false });
  expect((await patch("12A")).status).toBe(200);
});

it("rows that differ once are copied again", async () => {
  const { unit, world, move_id } = await mintMoving("verify");
  await env.DB_1.batch([
    env.DB_1.prepare("UPDATE move_sides SET open = 'leads' WHERE move_id = ?1 AND side = 'to'").bind(move_id),
    env.DB_1.prepare("DELETE FROM leads WHERE unit = ?1").bind(unit),
    env.DB_1.prepare("UPDATE move_sides SET open = '' WHERE move_id = ?1 AND side = 'to'").bind(move_id),
  ]);
  expect(await runUntil(world, move_id, isSwitched)).toMatchObject({ differing_rounds: 1, error: null });
  expect((await dump(env.DB_1, unit)).leads).toHaveLength(5);
});

it("after ten failures in a row the move ends; before, each is tried again later", async () => {
  const { world, move_id, place } = await mintMoving("copy");
  const broken = watched(world, (call, what) => (/INSERT OR REPLACE/.test(what) ? Promise.reject(new Error("D1_ERROR: full")) : call()));
  const lines = await logged(async () => {
    await runMove(broken, move_id, () => true);
    expect(await readMove(move_id)).toMatchObject({
      status: "running",
      step: "copy",
      failures: 1,
      error: expect.stringContaining("not available"),
    });
    expect(await runMove(broken, move_id, () => true)).toBeNull();
    await runUntil(broken, move_id, isClosed);
  });
  expect(lines.filter((line) => line.includes('"move failed"'))).toHaveLength(10);
  expect(await readMove(move_id)).toMatchObject({ status: "failed", switched_at: null });
  expect(await place()).toEqual({ shard: 0, moving: false });
});

it("a failure in the middle of the switch lets the unit be written to at once", async () => {
  const { world, move_id, patch } = await mintMoving("switch");
  const broken = watched(world, async (call, what) => {
    if (what !== "directory") return call();
    expect((await patch("refused")).status).toBe(503);
    throw new Error("D1_ERROR: Network connection lost");
  });
  world.clock.ms += 40_000;
  await logged(async () => expect(await runMove(broken, move_id, () => false)).toBeGreaterThan(0));
  expect(await readMove(move_id)).toMatchObject({ status: "running", step: "catch_up", failures: 1 });
  expect((await patch("written")).status).toBe(200);
  expect(await runUntil(world, move_id, isSwitched)).toMatchObject({ error: null, failures: 0 });
});

it("triggers that a migration has dropped are noticed before the switch, and the unit is copied anew", async () => {
  const { unit, world, move_id, patch } = await mintMoving("switch");
  for (const { name } of (await triggersOn("leads", move_id)).results) await env.DB.exec(`DROP TRIGGER "${name}"`);
  expect((await patch("unseen")).status).toBe(200);
  await runUntil(world, move_id, ({ step }) => step === "copy");
  expect((await triggersOn("leads", move_id)).results).toHaveLength(3);
  await runUntil(world, move_id, isSwitched);
  expect((await dump(env.DB_1, unit)).leads).toEqual((await dump(env.DB, unit)).leads);
});

it("a run that was overtaken changes nothing any more, not even after the switch", async () => {
  const { unit, world, move_id, patch } = await mintMoving("catch_up");
  expect((await patch("old")).status).toBe(200);
  // it stands still between reading the row and writing it, while others complete the move
  const late = watched(world, async (call, what) => {
    if (!/INSERT OR REPLACE/.test(what)) return call();
    world.clock.ms += LEASE_OVER_MS;
    await runUntil(world, move_id, isSwitched);
    expect((await patch("new")).status).toBe(200);
    return call();
  });
  expect(await runMove(late, move_id, () => true)).toBeNull();
  expect((await dump(env.DB_1, unit)).leads?.some(({ profile }) => String(profile).includes('"new"'))).toBe(true);
  expect(await runUntil(world, move_id, isClosed)).toMatchObject({ status: "completed" });
});

it("what began before the switch reads the old copy, and is refused when it writes", async () => {
  const { client, unit, world, move_id, place } = await mintMoving("switch");
  const ctx = await openSystem(env, unit, "req_before");
  await runUntil(world, move_id, isSwitched);
  expect(await place()).toEqual({ shard: 1, moving: false });
  const count = ctx.db.sql<{ n: number }>("SELECT count(*) AS n FROM leads WHERE unit = ?1");
  expect(await ctx.db.all(count)).toEqual([{ n: 5 }]);
  const write = ctx.db.sql("UPDATE leads SET version = version + 1 WHERE unit = ?1");
  await expect(ctx.db.batch([write])).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("moving") });
  await ingest(client, { alias_kind: "email", alias: emailOf(1), event_type: "x" });
  expect(await dump(env.DB, unit)).not.toHaveProperty("events");
  // and for a day after the old copy has been removed
  await runUntil(world, move_id, isRemoved);
  const insert = ctx.db.sql("INSERT INTO lead_counts (unit, status, leads) VALUES (?1, 'new', 1)");
  await expect(ctx.db.all(insert)).rejects.toMatchObject({ code: "unavailable" });
  expect(await dump(env.DB, unit)).toEqual({});
});

it("cron jobs that remove what is old leave both databases alone while a unit moves", async () => {
  const { unit, world, move_id } = await mintMoving("verify");
  await env.DB.prepare("UPDATE unit_moves SET removed_at = 1 WHERE removed_at IS NULL AND move_id <> ?1").bind(move_id).run();
  await env.DB.prepare("UPDATE import_jobs SET completed_at = 1 WHERE unit = ?1").bind(unit).run();
  await runUntil(world, move_id, ({ step }) => step === "switch");
  const lines = await logged(() => cronTick("*/10 * * * *"));
  expect(lines.join()).not.toContain("cron job failed");
  for (const database of [env.DB, env.DB_1]) expect((await dump(database, unit)).import_jobs).toHaveLength(1);
  await runUntil(world, move_id, isRemoved);
  for (let ticks = 0; ticks < 20 && (await dump(env.DB_1, unit)).import_jobs; ticks++) await cronTick("*/10 * * * *");
  expect(await dump(env.DB_1, unit)).not.toHaveProperty("import_jobs");
});
